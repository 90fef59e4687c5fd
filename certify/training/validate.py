"""``certify.validate``: are the step sizes of a real training set-up ones that its loss supports?

A short real trajectory, probes of its own steps, and the same batches at lr/4. The answer is a statement about the
steps that were observed, not a certificate; for convex losses with known smoothness see `certify.training.convex`.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from torch import nn

from certify.training.blocks import Layer, layers_of
from certify.training.convex import Range, convex_range, is_candidate
from certify.training.envelope import Envelope, envelope
from certify.training.errors import BadSetup
from certify.training.kinds import Kind
from certify.training.longer import Longer, after_longer, may_change, run_on
from certify.training.probes import Sample
from certify.training.session import Session, needs_closure
from certify.training.setup import Setup, make_setup
from certify.training.takes import together, undecided
from certify.training.theorems import Reference, theorem_for
from certify.training.trajectory import Plan, Progress, Trajectory, observe, session_of
from certify.training.verdicts import U_LAYER, U_STANDS_OUT, Judgement, Signals, Verdict, judge, median, signals

ASSUMPTION = {
    True: "on the steps observed ‖∇f(x⁺) − ∇f(x)‖₂ ≤ L ‖x⁺ − x‖₂",
    False: "on the steps observed ‖∇ᵢf(X⁺) − ∇ᵢf(X)‖* ≤ (L0 + L1 ‖∇ᵢf(X)‖*) ‖Xᵢ⁺ − Xᵢ‖",
}


@dataclass(frozen=True)
class Row:
    """One layer: its norm, step t = ‖ΔX‖, the interval of steps that the envelope supports, u, and the verdict."""

    name: str
    optimizer: str
    kind: Kind
    role: str
    shape: tuple[int, ...]
    norm: str
    lr: float
    step: float
    envelope: Envelope | None
    u: float
    u_quarter: float
    drift: float
    judgement: Judgement
    assumption: str
    theorem: Reference
    samples: tuple[Sample, ...]

    @property
    def verdict(self) -> Verdict:
        """The row's verdict."""
        return self.judgement.verdict

    @property
    def ratio(self) -> float | None:
        """step / typical supported step: the theorem's step is 1, its bound 2."""
        return self.step / self.envelope.high if self.envelope and self.envelope.high else None


@dataclass(frozen=True)
class Validation:
    """The result of `validate`; `trajectory` is the first of the `takes`."""

    judgement: Judgement
    rows: tuple[Row, ...]
    signals: Signals
    takes: tuple[Trajectory, ...]
    convention: str
    geometry: str
    convex: Range | None = None
    longer: tuple[Longer, ...] = ()

    @property
    def trajectory(self) -> Trajectory:
        """The first take."""
        return self.takes[0]

    @property
    def verdict(self) -> Verdict:
        """The verdict on the set-up: the worst that was established."""
        return self.judgement.verdict

    @property
    def exit_code(self) -> int:
        """0 PASS, 1 WARN or FAIL, 3 INCONCLUSIVE."""
        return self.verdict.exit_code

    @property
    def observed(self) -> str:
        """``observed on steps 0..39, loss 2.3 → 0.41``."""
        seen, more = self.trajectory, len(self.takes) - 1
        others = "other batches and shuffled weights" if self.takes[-1].shuffled else "other batches"
        again = f"; {more} more take{'s' if more > 1 else ''} of it, on {others}" if more else ""
        steps, runs = max((len(one.losses) for one in self.longer), default=0), len(self.longer)
        longer = f"; {runs} run{'s' if runs > 1 else ''} of {steps} steps" if runs else ""
        return f"observed on steps 0..{len(seen.losses) - 1}, loss {seen.start:.4g} → {seen.end:.4g}{again}{longer}"

    @property
    def overhead(self) -> float:
        """The time of one probe (one replay, at lr or lr/4, norms included) in plain training steps."""
        plain = sum(seen.step_seconds for seen in self.takes) / max(sum(len(seen.losses) for seen in self.takes), 1)
        replays = max(sum(seen.replays for seen in self.takes), 1)
        return sum(seen.probe_seconds for seen in self.takes) / replays / plain if plain else 0.0


def validate(
    model: nn.Module,
    optimizer: Any,
    data: Iterable[Any],
    loss_fn: Any = None,
    *,
    steps: int = 40,
    probes: int = 40,
    seconds: float = 300.0,
    geometry: str = "auto",
    convex: str | None = None,
    progress: Progress | None = None,
    **options: Any,
) -> Validation:
    """Validate the step sizes of a set-up; everything is put back bit for bit.

    `steps` real updates are run, `probes` of them probed, up to three times as many while the loss is on its first
    plateau, then the same batches at lr/4; up to twelve such takes, on other batches and from shuffled weights if the
    model is untrained, if the answer is near a threshold; before WARN or FAIL up to four longer runs; all within
    `seconds`. A linear model with a convex loss and plain SGD is judged by the proved range instead; `convex` names the
    loss if it is a function of your own. `options` are those of `Setup`. Raises `BadSetup`.
    """
    plan = Plan(steps=steps, probes=probes, seconds=seconds)
    return validate_setup(make_setup(model, optimizer, data, loss_fn, **options), plan, geometry, convex, progress)


def validate_setup(
    setup: Setup,
    plan: Plan | None = None,
    geometry: str = "auto",
    convex: str | None = None,
    progress: Progress | None = None,
) -> Validation:
    """The same for a `Setup`."""
    plan = Plan() if plan is None else plan
    if not (isinstance(plan.steps, int) and isinstance(plan.probes, int)) or plan.steps < 8 or plan.probes < 1:
        raise BadSetup(f"{plan.steps!r} steps with {plan.probes!r} probes: give integers, at least 8 and 1")
    if not isinstance(plan.seconds, (int, float)) or not plan.seconds > 0:
        raise BadSetup(f"seconds is {plan.seconds!r}; it must be a positive number")
    _refuse(setup)
    layers = layers_of(setup, geometry)
    if not layers:
        raise BadSetup("no trainable parameter of the model is in an optimizer; run the audit for details")
    if is_candidate(setup, convex):
        plan = replace(plan, takes=1)
    chosen = plan
    begun, session = time.monotonic(), session_of(setup)
    takes = observe(
        setup,
        [layer.block for layer in layers],
        plan,
        lambda takes: undecided([signals(seen, chosen) for seen in takes]),
        progress,
        session,
    )
    found = together([signals(seen, plan) for seen in takes])
    whole = judge(takes[-1], found)
    longer: list[Longer] = []
    if plan.takes > 1 and may_change(found, whole.verdict):
        longer = run_on(session, takes, plan, whole.verdict, plan.seconds - (time.monotonic() - begun), progress)
        whole = after_longer(whole, longer) if longer else whole
    rows = [_row(layer, takes, whole) for layer in layers]
    rows = _blame(_standing_out(rows, whole, _shares(layers, takes)), whole)
    if whole.verdict is Verdict.PASS and any(row.verdict is Verdict.WARN for row in rows):
        worst = max(rows, key=lambda row: row.u)
        whole = Judgement(Verdict.WARN, worst.judgement.reason, worst.judgement.change)
    known = convex_range(setup, convex)
    if known is not None:
        whole = known.judgement()
        if any(s.secant > 1.01 * known.high for row in rows for s in row.samples):
            whole = Judgement(
                Verdict.INCONCLUSIVE,
                f"the gradient changes faster than L = {known.high:.6g} allows: the loss is not the {known.loss} loss",
                "name the loss that it is, as a mean over samples",
            )
        rows = [replace(row, judgement=whole) for row in rows]
    return Validation(
        whole, tuple(rows), found, tuple(takes), Session(setup).loss.convention, geometry, known, tuple(longer)
    )


def _refuse(setup: Setup) -> None:
    """Set-ups about which the verdicts would say something that is not true."""
    for optimizer in setup.optimizers:
        name = type(optimizer).__name__
        if needs_closure(optimizer):
            raise BadSetup(
                f"{name} evaluates the loss several times within one step(closure), so that lr is not the length of "
                "a step; use the audit"
            )
        if any(group.get("maximize") for group in optimizer.param_groups):
            raise BadSetup(f"{name} has maximize=True; give the loss with the other sign and minimise it")


SHARE = 0.05
"""Layers below this part of Σ‖ΔX‖‖g‖* do not decide: a bias before a norm has a gradient of rounding errors only."""


def _shares(layers: Sequence[Layer], takes: Sequence[Trajectory]) -> list[float]:
    """Each layer's part of Σ ‖ΔX‖ ‖g‖*, the most that a step can gain."""
    gains = [sum(p.blocks[layer.block.name].step * p.blocks[layer.block.name].gradient
                 for seen in takes for p in seen.probes) for layer in layers]  # fmt: skip
    total = sum(gains)
    return [gain / total if total > 0 else 0.0 for gain in gains]


def _row(layer: Layer, takes: Sequence[Trajectory], whole: Judgement) -> Row:
    each = [[p.blocks[layer.block.name] for p in seen.probes] for seen in takes]
    each = [[s for s in samples if s.gradient > 0] for samples in each]
    samples = [s for one in each for s in one]
    early = [s for one in each for s in one[: len(one) // 2]] or samples
    late = [s for one in each for s in one[len(one) // 2 :]] or samples
    u = statistics.median(s.u for s in late) if late else float("nan")
    before = statistics.median(s.u for s in early) if early else float("nan")
    return Row(
        name=layer.block.name,
        optimizer=layer.optimizer,
        kind=layer.kind,
        role=layer.role.value,
        shape=layer.shape,
        norm=layer.block.measure.name,
        lr=layer.lr,
        step=statistics.median(s.step for s in late) if late else float("nan"),
        envelope=envelope(samples),
        u=u,
        u_quarter=median(s.u_quarter for s in late),
        drift=u / before if before else float("nan"),
        judgement=whole if samples else Judgement(Verdict.INCONCLUSIVE, "no gradient was seen", "see the audit"),
        assumption=ASSUMPTION[layer.kind is Kind.SGD],
        theorem=theorem_for(layer.kind),
        samples=tuple(samples),
    )


def _standing_out(rows: list[Row], whole: Judgement, shares: Sequence[float]) -> list[Row]:
    """Where the run passes, a warning for layers whose gradient changes more than itself and more than others' does."""
    typical = median(row.u for row, share in zip(rows, shares, strict=True) if share > SHARE)
    return [
        replace(
            row,
            judgement=Judgement(
                Verdict.WARN,
                f"this layer's gradient changes by {row.u:.2f} of itself within one step, {row.u / typical:.1f} times "
                "as much as is typical of the layers",
                "halve its lr",
            ),
        )
        if whole.verdict is Verdict.PASS and share > SHARE and row.u > max(U_LAYER, U_STANDS_OUT * typical)
        else row
        for row, share in zip(rows, shares, strict=True)
    ]


def _blame(rows: list[Row], whole: Judgement) -> list[Row]:
    """A failure of the run is put down to the layers whose gradient changes most; the others get a warning."""
    if whole.verdict is not Verdict.FAIL or not rows:
        return rows
    known = [row.u for row in rows if row.u == row.u]
    top = max(known, default=0.0)
    mild = Judgement(Verdict.WARN, f"the run fails; this layer's gradient changes less than others'. {whole.reason}")
    return [replace(row, judgement=mild) if row.u < 0.5 * top else row for row in rows]
