"""Runs at fixed numbers against a bound: the envelope, the worst run, and whether the bound is exceeded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import torch
from torch import Tensor

from certify.language import Assumption, Method, Theorem
from certify.simulate.arranged import arrangements
from certify.simulate.ascent import climbed
from certify.simulate.bounds import RowBound, TheoremBound
from certify.simulate.devices import choose, describe
from certify.simulate.draws import BOUNDED
from certify.simulate.engine import Batch, Progress, simulate
from certify.simulate.functions import UnsupportedOracle
from certify.simulate.layered import bounded
from certify.simulate.members import DIMENSIONS, batches
from certify.simulate.noise import is_known, is_noise, of_functions

MARGIN = 1e-9
"""Relative to the bound: what rounding may add to what a run attains."""
NEGLIGIBLE = 1e-13
"""Relative to the largest value of the measure in the run: differences below it are rounding."""
REPLICAS = 50
"""Runs with noise from the same start on the same function, of which the mean is compared."""
SEARCHED = 1e-6
"""The same for functions whose values come from an iteration: those of worst cases."""
DEVIATIONS = 6.0
"""Standard errors of that mean that are allowed for."""
CLIMBING = 4
"""Batches, of those that come nearest to the bound, whose best runs climb towards it."""


class NoFunctions(ValueError):
    """There are no test functions for these assumptions; the message is one sentence."""


class Options(Protocol):
    """What a comparison is told about the runs."""

    @property
    def runs(self) -> int:
        """How many runs, at least."""
        ...

    @property
    def steps(self) -> int:
        """How many steps each."""
        ...

    @property
    def seed(self) -> int:
        """Where all randomness comes from."""
        ...

    @property
    def device(self) -> str:
        """``auto``, ``cpu`` or ``cuda``."""
        ...

    @property
    def data(self) -> bool:
        """Whether functions of real data are among them."""
        ...

    @property
    def search(self) -> bool:
        """Whether the runs that come nearest to the bound climb towards it."""
        ...


@dataclass(frozen=True)
class Comparison:
    """Runs against a bound.

    - `runs`, `steps`, `device`, `families`: what was run, on functions of which families;
    - `compared`: pairs (run, N) in which the bound claims something;
    - `violations`: runs that exceed the bound by more than rounding (or, for means, by more than chance);
    - `worst_ratio`: the largest attained/bound, at step `worst_step` of the worst run; None if nothing was compared;
    - `bound`, `worst`: along that run, by the number of steps (NaN: nothing claimed);
    - `envelope`, `median`: over all runs, as multiples of each run's own bound and on the scale of `bound`;
    - `example`: the worst run as data; `replicas`: how many runs one mean is of (1: no noise);
    - `drawn`: the largest attained/bound before some runs climbed; None if none did.
    """

    runs: int
    steps: int
    device: str
    families: tuple[str, ...]
    compared: int
    violations: int
    worst_ratio: float | None
    worst_step: int
    bound: tuple[float, ...]
    worst: tuple[float, ...]
    envelope: tuple[float, ...]
    median: tuple[float, ...]
    example: Mapping[str, Any]
    replicas: int = 1
    drawn: float | None = None


@dataclass(frozen=True)
class _Part:
    """One batch: what was attained and the bounds, (steps + 1, B), and what rounding or chance may add."""

    batch: Batch
    attained: Tensor
    bound: Tensor
    slack: Tensor
    margin: float = MARGIN

    @property
    def ratio(self) -> Tensor:
        """attained/bound where the bound is no rounding error, −∞ elsewhere."""
        significant = (self.bound > 10 * self.slack) & self.attained.isfinite()
        return torch.where(significant, self.attained / self.bound, -torch.inf)

    @property
    def exceeded(self) -> Tensor:
        """Where a run is above its bound."""
        return self.attained > self.bound * (1 + self.margin * self.bound.sign()) + self.slack


def compare(
    method: Method,
    assumptions: Sequence[Sequence[Assumption]],
    limit: RowBound | TheoremBound,
    options: Options,
    progress: Progress | None = None,
    worst: Batch | None = None,
) -> Comparison:
    """Run the method on test functions with exactly these constants and compare with the bound.

    **Arguments**: `worst`, runs on functions from elsewhere, such as the worst case of this very bound; they are in the
    class, with values that are exact up to `SEARCHED`.

    **Raises**: `NoFunctions` if there are none, `UnsupportedOracle` if none offers what the method asks for.
    """
    kinds = [[k for k in of_functions([type(a) for a in own]) if k.name != BOUNDED] for own in assumptions]
    noise = next((type(a) for own in assumptions for a in own if is_noise(type(a))), None)
    if noise is not None and not is_known(noise):
        raise NoFunctions(f"there is no noise to draw for the assumption {noise.name}")
    whole = [{s: v for a in own for s, v in a.values.items()} for own in assumptions]
    numbers = [{s: values[s] for k in own for s in k.parameters()} for own, values in zip(kinds, whole, strict=True)]
    replicas = 1 if noise is None else REPLICAS
    parts: list[_Part] = []
    used, refusal = "cpu", None
    share, dimensions = -(-options.runs // replicas), list(DIMENSIONS)
    for _ in range(2):  # again where some of the functions had no answer for the method
        drawn_from = {"seed": options.seed + len(parts), "starts": len(method.starts), "data": options.data}
        for batch in batches(kinds, numbers, runs=share, dimensions=dimensions, **drawn_from):
            for tried in arrangements(method, batch, options.seed):
                again = _repeated(tried, whole, replicas)
                device = choose(options.device, again.floats * len(again))
                try:
                    found = simulate(
                        method, again, options.steps, limit.observers, noise=noise, seed=options.seed, device=device,
                        progress=progress,
                    )  # fmt: skip
                except UnsupportedOracle as error:
                    refusal = error
                    continue
                used = device
                parts.append(_part(tried, *limit.compare(found), replicas))
                break
        share -= sum(len(p.batch) for p in parts)
        dimensions = sorted({p.batch.starts[0].shape[1] for p in parts})
        if share <= 0 or not parts:
            break
    drawn = max((float(p.ratio.max()) for p in parts), default=-torch.inf)
    if options.search and noise is None:
        parts += _climbers(method, parts, limit, options, numbers)
    if worst is not None and noise is None:
        found = simulate(method, worst, options.steps, limit.observers)
        parts.append(replace(_part(worst, *limit.compare(found), 1), margin=SEARCHED))
    if not parts:
        names = ", ".join(a.name for own in kinds for a in own)
        raise refusal or NoFunctions(f"there are no test functions for {names} with these constants")
    found = _summary(parts, options, describe(used), replicas)
    return replace(found, drawn=drawn) if options.search and drawn > -torch.inf else found


def compare_layers(method: type[Method], theorem: Theorem, options: Options) -> Comparison:
    """Runs of a layer-wise method, each with constants, radii and a start of its own, against what follows from the
    theorem after N steps. **Raises**: `Unbounded`, `NoFunctions`."""
    found = bounded(method, theorem.assumptions, theorem, runs=options.runs, steps=options.steps, seed=options.seed)
    parts = [
        _part(Batch((r.function,), (r.starts,), ({},)), r.attained, r.bound, 1)
        for r in found
        if r.bound.isfinite().any()
    ]
    if not parts:
        raise NoFunctions(f"no layers are known for which theorem {theorem.name!r} speaks")
    return _summary(parts, options, describe("cpu"), 1)


def _climbers(
    method: Method, parts: Sequence[_Part], limit: RowBound | TheoremBound, options: Options, numbers: Sequence[Any]
) -> list[_Part]:
    """More runs: those of the batches that come nearest, after an ascent towards the bound."""
    nearest = sorted(parts, key=lambda p: -float(p.ratio.max()))[:CLIMBING]
    found = (climbed(method, p.batch, limit, options.steps, numbers[0]) for p in nearest)
    return [
        _part(batch, *limit.compare(simulate(method, batch, options.steps, limit.observers)), 1)
        for batch in found
        if batch is not None
    ]


def _repeated(batch: Batch, constants: Sequence[Mapping[str, Any]], replicas: int) -> Batch:
    """Each run several times over, with the constants of noise too."""
    index = torch.arange(len(batch)).repeat_interleave(replicas)
    again = batch if replicas == 1 else batch.take(index)
    return Batch(again.functions, again.starts, tuple(constants), again.values, again.minimizer, again.slopes)


def _part(batch: Batch, attained: Tensor, bound: Tensor, replicas: int) -> _Part:
    """Means over replicas, and what may be added to them."""
    shape = (len(attained), len(batch), replicas)
    attained, bound = attained.reshape(shape), bound.reshape(shape)
    error = attained.std(2) / replicas**0.5 if replicas > 1 else torch.zeros(shape[:2], dtype=attained.dtype)
    mean = attained.mean(2)
    largest = mean.abs().nan_to_num(0.0).amax(0, keepdim=True)
    return _Part(batch, mean, bound.mean(2), NEGLIGIBLE * largest + DEVIATIONS * error)


def _summary(parts: list[_Part], options: Options, device: str, replicas: int) -> Comparison:
    best = max(parts, key=lambda p: float(p.ratio.max()))
    ratio = best.ratio
    step, row = divmod(int(ratio.argmax()), ratio.shape[1])
    worst_ratio = float(ratio[step, row])
    together = torch.cat([torch.where(p.bound.isfinite(), p.attained / p.bound, torch.nan) for p in parts], 1)
    own = best.bound[:, row]
    empty = together.isnan().all(1)
    most = torch.where(empty, torch.nan, together.nan_to_num(-torch.inf).amax(1))
    return Comparison(
        runs=sum(len(p.batch) for p in parts) * replicas,
        steps=options.steps,
        device=device,
        families=tuple(dict.fromkeys(f.name for p in parts for f in p.batch.functions)),
        compared=sum(int((p.bound.isfinite() & p.attained.isfinite()).sum()) for p in parts),
        violations=sum(int(p.exceeded.any(0).sum()) for p in parts),
        worst_ratio=worst_ratio if worst_ratio > -torch.inf else None,
        worst_step=step,
        bound=tuple(own.tolist()),
        worst=tuple(best.attained[:, row].tolist()),
        envelope=tuple((most * own).tolist()),
        median=tuple((together.nanmedian(1).values * own).tolist()),
        example=_example(best.batch, row),
        replicas=replicas,
    )


def _example(batch: Batch, row: int) -> dict[str, Any]:
    """A run as data: family and parameters of each function, and the starts."""
    return {
        "functions": [
            {"family": f.name, "parameters": {n: v[row].tolist() for n, v in f.parameters.items()}}
            for f in batch.functions
        ],
        "starts": [x[row].tolist() for x in batch.starts],
    }
