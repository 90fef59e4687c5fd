"""Update audit: the real ‖ΔX‖ of every tensor after the user's own step, against what lr and scalings say.

A few real steps are run and undone. No theory is involved: the findings are about set-ups whose updates are not what
their author meant.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from torch import nn

from certify.training.checks import check_loop, check_rows
from certify.training.errors import BadSetup
from certify.training.findings import Finding, Severity
from certify.training.lint import all_names, lint, lint_rates
from certify.training.rates import groups, peak, rate, set_rate
from certify.training.reached import reached
from certify.training.roles import LastLinear, roles
from certify.training.rows import Row, averages_before, places_of, row_of
from certify.training.session import Session, Step
from certify.training.setup import Setup, make_setup

STEPS = 4
"""Enough for zero-initialised layers to pass their gradient on, and for an average to show how it moves."""


@dataclass(frozen=True)
class Audit:
    """The result: one row a tensor (the last step), and the findings, worst first."""

    rows: tuple[Row, ...]
    findings: tuple[Finding, ...]
    notes: tuple[Finding, ...]
    steps: int
    losses: tuple[float, ...]
    convention: str

    @property
    def passed(self) -> bool:
        """No error and no warning."""
        return not self.findings

    @property
    def observed(self) -> str:
        """``observed on steps 0..3, loss 2.3 → 2.1``."""
        return f"observed on steps 0..{self.steps - 1}, loss {self.losses[0]:.4g} → {self.losses[-1]:.4g}"

    @property
    def exit_code(self) -> int:
        """0 nothing found, 1 findings."""
        return 0 if self.passed else 1


def audit_updates(
    model: nn.Module, optimizer: Any, data: Iterable[Any], loss_fn: Any = None, *, steps: int = STEPS, **options: Any
) -> Audit:
    """Run a few real updates, look at each tensor's, and undo them.

    `optimizer` is one optimiser or several; `options` are those of `Setup`: schedulers, scaler, clip_norm, clip_value,
    accumulate, autocast, before_step, and train_step(batch), a loop body of the user's own. Raises `BadSetup`.
    """
    return audit(make_setup(model, optimizer, data, loss_fn, **options), steps=steps)


def audit(setup: Setup, *, steps: int = STEPS) -> Audit:
    """The audit of a set-up."""
    if steps < 1:
        raise BadSetup(f"steps is {steps}; an audit needs at least one")
    names = all_names(setup)
    session = Session(replace(setup, schedulers=()))
    with session.open():
        found = list(lint_rates(setup))
        for _, _, group in groups(setup.optimizers):
            if rate(group) < peak(group):
                set_rate(group, peak(group))
        with LastLinear(setup.model) as last, session.open():
            session.update(0)
        used = _used(session, setup)
        role_of = roles(setup.model, last.module)
        places = places_of(setup, names, role_of)
        found += lint(setup, names, role_of, used)
        history: list[list[Row]] = []
        taken: list[Step] = []
        for index in range(steps):
            averages = {place.name: averages_before(place) for place in places}
            step = session.update(index)
            rows = [row_of(place, step, averages[place.name], setup) for place in places]
            history.append(rows)
            found += check_loop(session, step, taken[-1] if taken else None, setup)
            taken.append(replace(step, group=(), before={}, changes={}))
            if not step.finite:
                break
    found += check_rows(history, setup.clip_norm)
    unique = list({(f.code, f.tensors): f for f in found}.values())
    real = sorted((f for f in unique if f.severity is not Severity.NOTE), key=lambda f: f.severity is Severity.WARNING)
    notes = [f for f in unique if f.severity is Severity.NOTE]
    losses = tuple(s.loss for s in taken)
    return Audit(tuple(history[-1]), tuple(real), tuple(notes), len(taken), losses, session.loss.convention)


def _used(session: Session, setup: Setup) -> set[int]:
    """Ids of the tensors that the first batch's loss depends on; none if only the user's own loop knows the loss."""
    if setup.train_step is not None and setup.loss_fn is None:
        return set()
    with session.open():
        return set(reached(session.loss(session.group(0)[0])))
