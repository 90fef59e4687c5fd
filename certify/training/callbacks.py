"""Callbacks for Lightning and Hugging Face trainers: audit and validation once, before the first training step.

Neither library is needed by Certify; each is imported when its callback is made.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Literal

from certify.training.audit import Audit, audit
from certify.training.errors import BadSetup
from certify.training.setup import Setup
from certify.training.text import audit_text, validation_text
from certify.training.trajectory import Plan
from certify.training.validate import Validation, validate_setup
from certify.training.verdicts import Verdict

Action = Literal["warn", "raise"]


class StepSizesRefused(RuntimeError):
    """Raised before training if asked to: the audit found something, or the verdict is FAIL."""


@dataclass
class Check:
    """What a callback runs, what it does with the answer, and the answer itself once training has begun."""

    plan: Plan
    action: Action = "warn"
    report: Path | None = None
    audit: Audit | None = None
    validation: Validation | None = None

    def __call__(self, setup: Setup) -> None:
        """Audit and validate; tell, warn or raise."""
        try:
            self.audit = audit(setup)
            self.validation = validate_setup(setup, self.plan)
        except BadSetup as error:
            warnings.warn(f"Certify could not look at this training set-up: {error}", stacklevel=2)
            return
        text = audit_text(self.audit) + "\n" + validation_text(self.validation)
        if self.report is None:
            sys.stderr.write(text)
        else:
            self.report.write_text(text, encoding="utf-8")
        problems = [str(finding) for finding in self.audit.findings]
        if self.validation.verdict is Verdict.FAIL:
            problems.append(f"step sizes: {self.validation.judgement.reason}")
        if problems and self.action == "raise":
            raise StepSizesRefused("; ".join(problems))
        if problems:
            warnings.warn("Certify: " + "; ".join(problems), stacklevel=2)


def _check(action: Action, report: str | Path | None, steps: int, probes: int, seconds: float) -> Check:
    if action not in ("warn", "raise"):
        raise BadSetup(f"action is {action!r}; it must be 'warn' or 'raise'")
    return Check(Plan(steps=steps, probes=probes, seconds=seconds), action, None if report is None else Path(report))


def lightning(
    *,
    action: Action = "warn",
    report: str | Path | None = None,
    steps: int = 40,
    probes: int = 40,
    seconds: float = 300.0,
) -> Any:
    """A Lightning callback for ``Trainer(callbacks=[lightning()])``; its `check` holds the results.

    The loss is the module's own ``training_step`` (logging is switched off meanwhile), clipping and accumulation are
    the trainer's. Modules with manual optimisation are left alone. Raises `BadSetup` if Lightning is not installed.
    """
    library = _library("lightning.pytorch", "pytorch_lightning")
    check = _check(action, report, steps, probes, seconds)

    class StepSizes(library.Callback):
        """Runs the check when training starts."""

        def __init__(self) -> None:
            super().__init__()
            self.check = check

        def on_train_start(self, trainer: Any, pl_module: Any) -> None:
            """Everything is set up; nothing has been trained."""
            if not pl_module.automatic_optimization:
                warnings.warn("Certify does not look at manual optimisation", stacklevel=2)
                return
            with _Silent(pl_module):
                self.check(_lightning_setup(trainer, pl_module))

    return StepSizes()


class _Silent:
    """Lightning's logging is bound to the trainer's own loop; inside, it does nothing."""

    NAMES = ("log", "log_dict")

    def __init__(self, module: Any) -> None:
        self._module = module

    def __enter__(self) -> None:
        for name in self.NAMES:
            self._module.__dict__[name] = lambda *_, **__: None

    def __exit__(self, *_: object) -> None:
        for name in self.NAMES:
            self._module.__dict__.pop(name, None)


def _lightning_setup(trainer: Any, module: Any) -> Setup:
    configs = [c for c in trainer.lr_scheduler_configs if c.interval == "step" and not c.reduce_on_plateau]
    by_norm = str(getattr(trainer, "gradient_clip_algorithm", None) or "norm").endswith("norm")
    clip = trainer.gradient_clip_val or None
    return Setup(
        model=module,
        optimizers=tuple(trainer.optimizers),
        data=trainer.train_dataloader,
        loss_fn=lambda model, batch: model.training_step(batch, 0),
        schedulers=tuple(c.scheduler for c in configs),
        clip_norm=clip if by_norm else None,
        clip_value=None if by_norm else clip,
        accumulate=trainer.accumulate_grad_batches,
    )


def transformers(
    *,
    action: Action = "warn",
    report: str | Path | None = None,
    steps: int = 40,
    probes: int = 40,
    seconds: float = 300.0,
    loss_fn: Callable[[Any, Any], Any] | None = None,
) -> Any:
    """A Hugging Face ``TrainerCallback`` for ``Trainer(callbacks=[transformers()])``; its `check` holds the results.

    The loss is ``model(**batch).loss`` unless `loss_fn` is given. Raises `BadSetup` if transformers is not installed.
    """
    library = _library("transformers")
    check = _check(action, report, steps, probes, seconds)

    class StepSizes(library.TrainerCallback):
        """Runs the check when training begins."""

        def __init__(self) -> None:
            self.check = check

        def on_train_begin(self, args: Any, state: Any, control: Any, **given: Any) -> None:
            """The optimizer exists; nothing has been trained."""
            scheduler = given.get("lr_scheduler")
            self.check(
                Setup(
                    model=given["model"],
                    optimizers=(_unwrapped(given["optimizer"], "optimizer"),),
                    data=given["train_dataloader"],
                    loss_fn=loss_fn,
                    schedulers=() if scheduler is None else (_unwrapped(scheduler, "scheduler"),),
                    clip_norm=args.max_grad_norm or None,
                    accumulate=args.gradient_accumulation_steps,
                )
            )

    return StepSizes()


def _unwrapped(wrapper: Any, name: str) -> Any:
    """What accelerate's wrappers hold."""
    return getattr(wrapper, name, wrapper) if type(wrapper).__module__.startswith("accelerate") else wrapper


def _library(*names: str) -> Any:
    for name in names:
        try:
            return import_module(name)
        except ModuleNotFoundError:
            continue
    raise BadSetup(f"this callback needs {names[0].partition('.')[0]}, which is not installed")
