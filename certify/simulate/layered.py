"""Runs of layer-wise methods on functions of several layers, every step compared with the theorem.

Smooth functions of the library satisfy the layer-wise assumptions by construction: a Euclidean constant L gives
Lᵢ = L/c² in a norm with c‖x‖₂ ≤ ‖x‖, however the layers are coupled. For functions whose curvature grows with the
gradient the assumption is tested at every step, and only steps that satisfy it count.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import torch
from torch import Tensor

from certify.geometry import NORMS, Lp, Norm, Scaled
from certify.language import Assumption, Goal, Method, Scalar, Theorem
from certify.simulate.bounds import Lemma, Unbounded
from certify.simulate.claims import Claim, comparisons
from certify.simulate.functions import TestFunction, UnsupportedOracle, sample_families
from certify.simulate.gathered import gathered
from certify.simulate.normed.cosh import CoshSum
from certify.simulate.normed.cosh_ridges import CoshRidges
from certify.simulate.normed.layers import LayeredRows, LayeredSpace, Layers
from certify.simulate.observers import Window
from certify.simulate.recorded import Recorded
from certify.simulate.rows import number, plain, rows
from certify.simulate.trajectories import MARGIN, SIGNIFICANT, Trajectories

ROUNDING = 1e-13
EACH = 4  # functions for each space
Values = dict[str, Tensor]


def spaces(names: Sequence[str]) -> list[LayeredSpace]:
    """One layer with a single number, one larger layer of each norm, and three layers with different shapes."""
    norms = [NORMS[n] for n in names]
    cycle = [norms[i % len(norms)] for i in range(3)]
    layouts = [[(n, _shape(n, 0))] for n in norms] + [[(n, _shape(n, 1))] for n in norms]
    layouts.append([(n, _shape(n, i)) for i, n in enumerate(cycle, 1)])
    return [LayeredSpace(tuple(layout)) for layout in layouts]


def _shape(norm: Norm, kind: int) -> tuple[int, ...]:
    while isinstance(norm, Scaled):
        norm = norm.base
    return ((1,), (3,), (2,), (4,))[kind] if isinstance(norm, Lp) else ((1, 1), (2, 3), (3, 2), (2, 2))[kind]


def run_layers(
    method: type[Method],
    assumptions: Sequence[type[Assumption]],
    theorem: Theorem,
    values: Mapping[str, Scalar] | None = None,
    *,
    runs: int = 1000,
    steps: int = 10,
    seed: int = 0,
    norms: Sequence[str] = (),
) -> Trajectories | None:
    """Run the theorem's method on layered spaces with these norms (the method's own by default).

    **Returns**: how the runs compare with the theorem; None if the method needs oracles that no function has.
    """
    claim = Claim(theorem.variant or method, tuple(assumptions), theorem, (), values or {})
    generator = torch.Generator().manual_seed(seed)
    choices = spaces(norms or method.layer_norms)
    rows_each = math.ceil(runs / (EACH * len(choices)))
    found: list[tuple[str, dict[str, Tensor]]] = []
    for turn, space in enumerate(choices):
        for function in _functions(space, rows_each, turn, generator):
            try:
                found.append((function.name, _one(claim, space, function, steps, generator)))
            except UnsupportedOracle:
                continue
    return gathered(found, steps)


def _functions(space: LayeredSpace, count: int, turn: int, generator: torch.Generator) -> Iterator[TestFunction]:
    """Quadratics that couple the layers, another smooth family in turn, and two without bounded curvature."""
    d = space.dimension
    smooth = sample_families("smooth", batch=count, dimension=d, generator=generator)
    coupled = [f for f in smooth if f.name == "quadratic"]
    yield coupled[turn % len(coupled)]
    yield smooth[turn % len(smooth)]
    yield from CoshSum.sample(batch=count, dimension=d, generator=generator)
    yield CoshRidges.sample_in(space, batch=count, generator=generator)


@dataclass(frozen=True)
class _Started:
    """A batch of runs before its first step, row by row with constants and parameters of its own."""

    claim: Claim
    f: Layers
    values: Values
    recorded: Recorded
    method: Method
    owners: tuple[Assumption, ...]
    state: Any

    @property
    def noisy(self) -> bool:
        """Whether samples are drawn."""
        return len(self.owners) < len(self.claim.assumptions)

    def valid(self, goal: Goal, x: Any, y: Any) -> Tensor:
        """The rows (B, 1) in which the theorem speaks of the step from x to y."""
        found = _resolved(self.f, self.recorded, x, y)
        for condition in (*goal.given, *(_holds(a, self.recorded, x, y) for a in self.owners)):
            found &= plain(condition).all(-1, keepdim=True)
        return found


def _started(claim: Claim, space: LayeredSpace, function: TestFunction, generator: torch.Generator) -> _Started:
    count, p = function.minimizer.shape[0], len(space.layers)

    def uniform(low: float, high: float, columns: int = p) -> Tensor:
        return low + (high - low) * torch.rand((count, columns), dtype=torch.float64, generator=generator)

    f = Layers(function, space, uniform(0, 1).round())
    direction = torch.randn((count, space.dimension), dtype=torch.float64, generator=generator)
    distance = 10 ** uniform(-1.5, 0.7, 1)
    x = LayeredRows(space, rows(function.minimizer + distance * direction / direction.norm(dim=1, keepdim=True)))
    values = _values(claim, f, x, uniform)
    method, recorded = claim.bound(values), Recorded(f, values)
    recorded.method = method
    owners = tuple(a(**{s: values[s] for s in a.parameters()}) for a in claim.assumptions if a.subject != "noise")
    return _Started(claim, f, values, recorded, method, owners, method.start(x, recorded))


def _one(
    claim: Claim, space: LayeredSpace, function: TestFunction, steps: int, generator: torch.Generator
) -> dict[str, Tensor]:
    """All runs on one batch of functions."""
    run = _started(claim, space, function, generator)
    method, recorded, values, state = run.method, run.recorded, run.values, run.state
    count = function.minimizer.shape[0]
    lhs, rhs, size, mask, step_rows = [], [], [], [], []
    for _ in range(steps):
        after = _outcomes(method, recorded, state, values, generator) if run.noisy else [method.step(state, recorded)]
        x, y = method.output(state), method.output(after[0])
        goals = [claim.goal(method, recorded, (state, one), values) for one in after]
        valid = run.valid(goals[0], x, y)
        for same in zip(*(comparisons(g) for g in goals), strict=True):
            c, parts = same[0], [[_column(v, count) for v in (s.lhs, s.rhs, s.size)] for s in same]
            columns = [sum(values_of) / len(same) for values_of in zip(*parts, strict=True)]
            for values_of, column in zip((lhs, rhs, size), columns, strict=True):
                values_of.append(column)
            mask.append(valid & columns[0].isfinite() & columns[1].isfinite() & columns[2].isfinite())
            step_rows.append(c.role == "step")
        state = after[0]
    left, right, scale, valid = (torch.stack(v) for v in (lhs, rhs, size, mask))
    excess = ((left - right) / scale.clamp_min(1e-300)).where(valid, -torch.inf)
    counts = valid & torch.tensor(step_rows)[:, None, None]
    ratio = (left / right).where(counts & (right > SIGNIFICANT * scale), -torch.inf)
    return {
        "compared": valid.any(0)[:, 0],
        "checked": counts.sum(0)[:, 0],
        "violated": (excess > MARGIN).any(0)[:, 0],
        "ratio": ratio.amax(0)[:, 0],
    }


@dataclass(frozen=True)
class LayeredRuns:
    """Runs on one batch of functions: the starts (B, d), what was attained and the bound, (steps + 1, B)."""

    function: TestFunction
    starts: Tensor
    attained: Tensor
    bound: Tensor


def bounded(
    method: type[Method],
    assumptions: Sequence[type[Assumption]],
    theorem: Theorem,
    *,
    runs: int,
    steps: int,
    seed: int = 0,
) -> Iterator[LayeredRuns]:
    """The same runs, compared with what follows from the theorem after N steps; NaN from the first step on of which it
    does not speak.

    **Raises**: `Unbounded` where nothing follows that could be compared, as with noise.
    """
    claim = Claim(theorem.variant or method, tuple(assumptions), theorem)
    generator = torch.Generator().manual_seed(seed)
    choices = spaces(method.layer_norms)
    for turn, space in enumerate(choices):
        for function in _functions(space, math.ceil(runs / (EACH * len(choices))), turn, generator):
            try:
                yield _bounded(_started(claim, space, function, generator), steps)
            except UnsupportedOracle:
                continue


def _bounded(run: _Started, steps: int) -> LayeredRuns:
    if run.noisy:
        raise Unbounded(f"theorem {run.claim.theorem.name!r} is about means, of which single steps are compared here")
    count = run.f.function.minimizer.shape[0]
    found = torch.full((2, steps + 1, count), torch.nan, dtype=torch.float64)
    lemma, state = Lemma(run.claim.theorem), run.state
    holds = torch.ones(count, 1, dtype=torch.bool)
    for k in range(1, steps + 1):
        after = run.method.step(state, run.recorded)
        x, y = run.method.output(state), run.method.output(after)
        window = Window(run.method, (run.recorded,), (state, after), run.recorded.minimizer, k)
        goal = run.claim.goal(run.method, run.recorded, (state, after), run.values)
        holds = holds & run.valid(goal, x, y)
        for i, value in enumerate(lemma.pair(goal, window)):
            found[i, k] = _column(value, count)[:, 0].where(holds[:, 0], torch.nan)
        state = after
    return LayeredRuns(run.f.function, plain(run.method.output(run.state).data), found[0], found[1])


def _outcomes(method: Method, f: Recorded, state: Any, values: Values, generator: torch.Generator) -> list[Any]:
    """Both outcomes of a step whose sample is ∇f ± v with ‖vᵢ‖₂ = σᵢ, so that means are exact."""
    space = f.minimizer.geometry
    free = torch.randn(plain(f.minimizer.data).shape, dtype=torch.float64, generator=generator)
    v = LayeredRows(space, rows(free), dual=True)
    v = v * (values["sigma"] / space.inner(v, v) ** 0.5)
    found = []
    for sign in (1, -1):
        f.noise = lambda g, sign=sign: g + v * sign
        found.append(method.step(state, f))
    return found


def _values(claim: Claim, f: Layers, x: LayeredRows, uniform: Any) -> Values:
    """Random constants, which hold for the function if its curvature is bounded, and parameters of the method."""
    space, p = f.space, len(f.space.layers)
    slope = plain(space.norm(f.subgradient(x))).clamp_min(1e-12)
    own = f.constants["L"] if "L" in f.constants else _curvature(f, x)
    smooth = own * space.euclidean() * 10 ** (uniform(-2, 1).clamp_min(0))
    share = uniform(0, 1.2).clamp_max(1) * (2 if "margin" in claim.theorem.measure.name else 1)
    values: Values = {"L": smooth, "L0": smooth, "L1": smooth / slope * 10 ** uniform(-4, 1)}
    if "L0" in f.constants:
        values |= {n: f.constants[n] * 10 ** (uniform(-2, 1).clamp_min(0)) for n in ("L0", "L1")}
    values |= {"t": share / values["L1"], "gamma": share / smooth, "alpha": uniform(0.3, 1, 1), "b": uniform(1, 2, 1)}
    values["beta"] = uniform(0, 1, 1)
    shorter = values["alpha"] / values["b"] ** 2 if "b" in claim.free else 1
    if "beta" in claim.free:
        shorter = (1 - values["beta"]) / (1 + 3 * values["beta"])
    values["t"] = torch.minimum(values["t"] * shorter, 10 ** uniform(-2, 1) * slope / smooth)
    values["rho"] = torch.tensor([[float(n.dual.above(*s)) for n, s in space.layers]], dtype=torch.float64).expand(
        len(slope), p
    )
    values["sigma"] = slope * 10 ** uniform(-2, 1)
    balance = ((1 - values["beta"]) / (1 + values["beta"])).sqrt()
    values["h"] = values["rho"] * values["sigma"] * balance * 10 ** uniform(-1, 1)
    gap = (plain(f.value(x)) - f.minimum).clamp_min(1e-300)
    values["mu"] = (slope**2).sum(-1, keepdim=True) / (2 * gap) * 10 ** uniform(-2, 0, 1)
    values["D"] = plain(space.norm(x - f.minimizer)) * 10 ** uniform(-0.1, 0.5)
    part = values["t"] / values["D"] if "t" in claim.free else values["gamma"]
    values["theta"] = part.amin(-1, keepdim=True).clamp_max(0.99) * uniform(0.5, 1, 1)
    if "lambda" in claim.free:  # a ball that contains the start and the minimiser
        sizes = torch.maximum(plain(space.norm(x)), plain(space.norm(f.minimizer))).amax(-1, keepdim=True)
        values["lambda"] = uniform(0.2, 1, 1) / sizes
        values["alpha"] = uniform(0, 1, 1) / values["lambda"]
    chosen = {n: rows(values[n].expand(-1, p) if n in ("L",) else values[n]) for n in claim.free}
    return chosen | {n: rows(_column(v, len(slope))) for n, v in claim.tied(chosen).items()}


def _curvature(f: Layers, x: LayeredRows) -> Tensor:
    """A guess at the curvature near x, for functions without a constant."""
    gap = plain(f.value(x)) - f.minimum
    return (plain(f.subgradient(x).data) ** 2).sum(-1, keepdim=True) / gap.clamp_min(1e-300)


def _holds(assumption: Assumption, f: Recorded, x: Any, y: Any) -> Tensor:
    """Where what the assumption says of this step and of its two points is true, up to rounding."""
    points = [SimpleNamespace(point=z, value=f.value(z), gradient=f.gradient(z)) for z in (x, y)]
    points[1].value = points[1].value - ROUNDING * (abs(points[0].value) + abs(points[1].value))
    handed: Any = [*points, f]
    found: list[Any] = [assumption.along(*handed), *(assumption.at(z, handed[2]) for z in handed[:2])]
    relations = [t for group in found for t in (group if isinstance(group, tuple) else (group,)) if t is not None]
    truths = [plain(t).all(-1, keepdim=True) for t in relations]
    return torch.stack(truths).all(0) if truths else torch.ones_like(plain(points[0].value), dtype=torch.bool)


def _resolved(f: Layers, recorded: Recorded, x: LayeredRows, y: LayeredRows) -> Tensor:
    """The rows in which rounding x and x* by δ changes neither x − x* nor the gap at x by a part that matters."""

    def length(v: LayeredRows) -> Tensor:
        return plain(v.data).norm(dim=1, keepdim=True)

    rounding = 1e-15 * (length(x) + length(f.minimizer))
    slopes = length(recorded.gradient(x)) + length(recorded.gradient(y))
    gap = plain(recorded.value(x)) - f.minimum
    return (slopes * rounding <= 1e-11 * gap) & (rounding <= 1e-12 * length(x - f.minimizer))


def _column(value: Any, count: int) -> Tensor:
    value = number(value)
    value = plain(value) if isinstance(value, Tensor) else torch.tensor(float(value), dtype=torch.float64)
    return value.expand(count, 1) if value.ndim < 2 or value.shape[-1] == 1 else value
