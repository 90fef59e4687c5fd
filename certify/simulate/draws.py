"""What trajectories start from: random functions of a class, constants, starts and parameters.

Scales matter more than shapes here: steps from far too short to unstable, balls from tiny to large
enough to end at once, constants that the function attains and constants that are too generous.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from certify.language import Assumption, Parameter
from certify.simulate.claims import INDEX, Claim
from certify.simulate.functions import (
    ASSUMPTIONS,
    FAMILIES,
    AbsoluteResidual,
    MaxAffine,
    SupportVectors,
    TestFunction,
    UnsupportedOracle,
    sample_families,
)  # fmt: skip
from certify.simulate.noise import of_functions
from certify.simulate.normed import Located, TensorSpace, Translated, sample_in_norm
from certify.simulate.scaled import Scaled

DIMENSIONS = (1, 2, 5)
UPPER = ("L", "M", "D")  # constants that may be taken larger than necessary; mu may be taken smaller
NOISE = ("sigma", "S")  # constants of noise
SAMPLES = "bounded-samples"  # whose M bounds the coordinates of samples, and is no constant of f
STAND_IN = {"smooth-above": "smooth"}  # classes whose test functions are those of a smaller one
COUNTS = ("n", "b")  # of functions in a sum and in a batch
BOUNDED = "bounded-domain"  # what f satisfies within the distance D of x⋆ if it is restricted to that ball
GROWTH, GROWN = "growth-at-radius", "nu"  # growth at the radius of the balls, and by how much, known once that is drawn
POSITIONS = ("minimizer", "center")  # parameters of a test function that move with it
GENEROUS = 1 / 3  # of the rows get constants that are up to 30 times too generous
POLYHEDRA = 200
"""Rows of each polyhedral family."""
CORNERS = (MaxAffine, AbsoluteResidual, SupportVectors)
"""Polyhedral families, for methods that take subgradients: a prox from a quadratic program is rounded too much to judge
a theorem by."""
Function = TestFunction | Scaled
Vectors = Tensor | Located
STEPS = {"gamma", "eta", "alpha"}  # symbols of step sizes, if a declaration does not say so


@dataclass(frozen=True)
class Batch:
    """B functions with their declared constants (B, 1), starts (B, d) and distances R = ‖x − x⋆‖.

    `valid` is False in rows whose constants do not hold for the function; `length` (B, 1) is one at
    which the function changes its nature, R if it has none.
    """

    function: Function | Translated
    constants: Mapping[str, Tensor]
    valid: Tensor
    start: Vectors
    distance: Tensor
    length: Tensor


class _SubgradientsOnly(Scaled):
    """The functions, without their prox and ball-prox."""

    def prox(self, x: Tensor, gamma: Any) -> Tensor:
        raise UnsupportedOracle(f"{self.name} is here for methods that take subgradients")

    def brox(self, x: Tensor, t: Any) -> tuple[Tensor, Tensor]:
        raise UnsupportedOracle(f"{self.name} is here for methods that take subgradients")


def batches(
    claim: Claim, *, runs: int, generator: torch.Generator, space: TensorSpace | None = None
) -> Iterator[Batch]:
    """At least `runs` rows in all, spread evenly over families and dimensions; none if no family
    satisfies the assumptions or a constant is tied to a parameter of the method. Without a `space`
    the norm is Euclidean."""
    dimensions, assumed = DIMENSIONS if space is None else space.dimensions, of_functions(claim.assumptions)
    few = [f for d in dimensions for f in _functions(assumed, 1, d, generator, space)]
    for dimension in dimensions if few else ():
        rows = math.ceil(runs / len(few))
        for function in _functions(assumed, rows, dimension, generator, space):
            batch = _batch(claim, function, generator, space)
            if batch.constants.keys() == set(claim.constants) - ({GROWN} if _grows(claim) else set()):
                yield batch
    for dimension in dimensions if few and space is None else ():
        for function in _functions(assumed, min(runs, POLYHEDRA), dimension, generator, None, CORNERS):
            batch = _batch(claim, function, generator, None)
            drawn: Any = batch.function
            batch = replace(batch, function=_SubgradientsOnly(drawn, torch.ones_like(batch.distance)))
            if batch.constants.keys() == set(claim.constants) - ({GROWN} if _grows(claim) else set()):
                yield batch


def parameters(claim: Claim, batch: Batch, generator: torch.Generator) -> dict[str, Tensor]:
    """Random values (B, 1) of all names: constants, the method's parameters, and k and m."""
    rows = batch.distance.shape[0]
    chosen = dict(batch.constants)
    declared = claim.method.parameters()
    for name in claim.free:
        if name not in chosen and not (_grows(claim) and name == GROWN):
            parameter = declared.get(name, Parameter(name))
            chosen[name] = _parameter(parameter, batch, rows, generator)
    for name in INDEX if claim.theorem.indexed else ():
        chosen[name] = _clock(rows, generator)
    if _grows(claim):
        chosen[GROWN] = _growth(claim, batch, chosen, generator)
    columns = {n: _column(v, batch.distance) for n, v in claim.tied(chosen).items()}
    return chosen | columns


def _grows(claim: Claim) -> bool:
    return any(a.name == GROWTH for a in claim.assumptions) and GROWN not in claim.values


def _growth(claim: Claim, batch: Batch, chosen: Mapping[str, Tensor], generator: torch.Generator) -> Tensor:
    """st + ½μt² in half of the rows, less in the others, t the radius; sharpness s and convexity μ say so beyond t."""
    radius = chosen["t"] if "t" in chosen else _column(claim.tied(chosen)["t"], batch.distance)
    own, zero = batch.function.constants, torch.zeros_like(radius)
    convexity = own["mu"] if "strongly-convex" in batch.function.satisfies else zero
    most = own.get("s", zero) * radius + convexity * radius**2 / 2
    part = 2 * _uniform(0, 1, radius.shape[0], generator)
    return most * torch.where(part < 1, part, 1.0)


def _noise(claim: Claim) -> tuple[str, ...]:
    """The constants that are not those of a function, but of noise."""
    return (*NOISE, *("M" for a in claim.assumptions if a.name == SAMPLES))


def bounded(claim: Claim) -> bool:
    """Whether the theorem is about functions of bounded domain: here any f, restricted to ‖x − x⋆‖ ≤ D."""
    return any(a.name == BOUNDED for a in claim.assumptions)


def resolved(batch: Batch, x: Vectors, value: Tensor) -> Tensor:
    """The rows (B, 1) in which rounding x by δ = 1e-15 (‖x‖ + ‖x⋆‖) hardly matters: it changes
    x − x⋆ by less than 1e-12 and the gap f(x) − f⋆ by less than 1e-10 of itself.

    The gap changes by at most Mδ and, as ‖∇f(x)‖² ≤ 2L (f(x) − f⋆), by about √(2L (f(x) − f⋆)) δ; the values
    themselves are rounded by 1e-15 (|f(x)| + |f⋆|).
    """
    function = batch.function
    here, best = x.data, function.minimizer.data
    away, star = (v.norm(dim=1, keepdim=True) for v in (here - best, best))
    rounding = 1e-15 * (here.norm(dim=1, keepdim=True) + star)
    gap, change = value - function.minimum, torch.full_like(value, torch.inf)
    if "M" in function.constants:
        change = function.constants["M"] * rounding
    if "L" in function.constants:
        steepest = (2 * function.constants["L"] * gap).sqrt()
        change = torch.minimum(change, steepest * rounding)
    precise = change <= 1e-10 * gap if function.constants.keys() & {"L", "M"} else gap > 0
    precise = precise & (1e-15 * (value.abs() + function.minimum.abs()) <= 1e-10 * gap)
    return precise & (rounding <= 1e-12 * away)


def _functions(
    assumptions: Sequence[type[Assumption]],
    rows: int,
    dimension: int,
    generator: torch.Generator,
    space: TensorSpace | None,
    families: Sequence[type[TestFunction]] = FAMILIES,
) -> list[TestFunction]:
    grown = {"sharp-growth", "strongly-convex"} if any(a.name == GROWTH for a in assumptions) else set()
    assumptions = [a for a in assumptions if a.name not in (BOUNDED, GROWTH)]
    given = {STAND_IN.get(assumption.name, assumption.name) for assumption in assumptions}
    if not given or not given <= ASSUMPTIONS:
        return []
    names = {a.name for assumption in assumptions for a in assumption.closure()} & ASSUMPTIONS
    first = STAND_IN.get(assumptions[0].name, assumptions[0].name)
    if space is None:
        found = sample_families(first, batch=rows, dimension=dimension, generator=generator, families=families)
    else:
        norm = space.norm_of_space
        found = sample_in_norm(norm, first, batch=rows, dimension=dimension, generator=generator)
    return [f for f in found if names <= f.satisfies and (not grown or grown & f.satisfies)]


def _batch(claim: Claim, function: TestFunction, generator: torch.Generator, space: TensorSpace | None) -> Batch:
    rows, dimension = function.minimizer.shape
    decades, length = _uniform(-3, 2, rows, generator), function.parameters.get("radius")
    distance = 10**decades if length is None else 10 ** (decades / 2) * length
    function = _moved(function, distance, generator)
    directions = _directions(rows, dimension, generator)
    if space is not None:
        directions = directions / space.size(directions)
    start = function.minimizer + distance * directions
    scaled = _scaled(claim, function)
    own = {**scaled.constants, **({"D": distance} if bounded(claim) else {})}
    constants = _constants(claim, own, scaled, start, generator)
    valid = torch.ones_like(distance, dtype=torch.bool)
    for name, value in ((n, v) for n, v in constants.items() if n not in (*_noise(claim), *COUNTS)):
        slack = 1e-12 * value
        valid &= own[name] <= value + slack if name in UPPER else own[name] >= value - slack
    length = distance if length is None else length
    if space is None:
        return Batch(scaled, constants, valid, start, distance, length)
    return Batch(Translated(scaled, space), constants, valid, Located(space, start), distance, length)


def _moved(function: TestFunction, distance: Tensor, generator: torch.Generator) -> TestFunction:
    """Minimisers at the origin in even rows, where x − x⋆ suffers no cancellation, and 0.3 R away
    from it in odd rows, for methods that know where the origin is."""
    rows, dimension = function.minimizer.shape
    odd = torch.arange(rows, device=distance.device)[:, None] % 2
    target = 0.3 * odd * distance * _directions(rows, dimension, generator)
    shift = target - function.minimizer
    moved = {n: v + shift for n, v in function.parameters.items() if n in POSITIONS}
    return type(function)(**{**function.parameters, **moved})


def _scaled(claim: Claim, function: TestFunction) -> Function:
    """The multiple of f for which the first constant that is tied to a number is attained."""
    for name in (n for n in claim.constants if n not in (*_noise(claim), *COUNTS)):
        value = claim.values[name].as_constant() if name in claim.values else None
        if value is not None and value > 0:
            return Scaled(function, float(value) / function.constants[name])
    return function


def _constants(
    claim: Claim, known: Mapping[str, Tensor], function: Function, start: Tensor, generator: torch.Generator
) -> dict[str, Tensor]:
    """The declared constants: the function's own or more generous ones, and the tied ones.

    That of noise is compared with the gradient at the start.
    """
    chosen: dict[str, Tensor] = {}
    for name in claim.constants:
        if name == GROWN and _grows(claim):
            continue
        if name not in claim.values and name in _noise(claim):
            slope = function.subgradient(start)
            steep = slope.norm(dim=1, keepdim=True) if name in NOISE else slope.abs().amax(1, keepdim=True)
            chosen[name] = steep * 10 ** _uniform(-0.5, 1.5, start.shape[0], generator)
        elif name not in claim.values and name in COUNTS:
            chosen[name] = (10 ** _uniform(0, 3, start.shape[0], generator)).floor()
        elif name not in claim.values:
            own = known[name]
            generous = 30 ** _uniform(0, 1, own.shape[0], generator)
            factor = torch.where(_coin(own.shape[0], GENEROUS, generator), generous, 1.0)
            chosen[name] = own * factor if name in UPPER else own / factor
    tied = {n: v for n, v in claim.tied(chosen).items() if n in claim.constants}
    return chosen | {n: _column(v, next(iter(known.values()))) for n, v in tied.items()}


def _parameter(parameter: Parameter, batch: Batch, rows: int, generator: torch.Generator) -> Tensor:
    """A radius in units of R or the length, a step in units of 1/L, R/M or R²/(f(x) − f⋆), anything
    else near 1."""
    meaning = parameter.meaning or {"t": "radius"}.get(parameter.symbol, "")
    decades = _uniform(-2, 2, rows, generator)
    if "radius" in meaning:
        plain, tight = 10 ** (0.55 * decades - 0.9), _uniform(1, 2, rows, generator)
        by_length = _coin(rows, 0.5, generator) & (batch.length < batch.distance / 2)
        return torch.where(by_length, batch.length * tight, batch.distance * plain)
    if "step" in meaning or (not meaning and parameter.symbol in STEPS):
        if "L" in batch.constants:
            short, even = 10 ** (decades - 1), _uniform(0.001, 2.2, rows, generator)
            ratio = torch.where(_coin(rows, 0.3, generator), short.clamp_max(2.2), even)
            return ratio / batch.constants["L"]
        if "M" in batch.constants:
            return 10 ** (decades - 0.5) * batch.distance / batch.constants["M"]
        function: Any = batch.function
        gap = function.value(batch.start) - function.minimum
        return 10**decades * batch.distance**2 / torch.where(gap > 0, gap, 1.0)
    value = torch.where(_coin(rows, 0.5, generator), _uniform(0, 1, rows, generator), 10**decades)
    return value if parameter.strict else value * ~_coin(rows, 0.1, generator)


def _clock(rows: int, generator: torch.Generator) -> Tensor:
    """k or m ≥ 0: zero, whole numbers and reals over eight decades."""
    value = 10 ** _uniform(-4, 4, rows, generator)
    value = torch.where(_coin(rows, 0.5, generator), value.floor(), value)
    return value * ~_coin(rows, 0.1, generator)


def _directions(rows: int, dimension: int, generator: torch.Generator) -> Tensor:
    shape = (rows, dimension)
    v = torch.randn(shape, dtype=torch.float64, device=generator.device, generator=generator)
    return v / v.norm(dim=1, keepdim=True)


def _uniform(low: float, high: float, rows: int, generator: torch.Generator) -> Tensor:
    shape, device = (rows, 1), generator.device
    unit = torch.rand(shape, dtype=torch.float64, device=device, generator=generator)
    return low + (high - low) * unit


def _coin(rows: int, probability: float, generator: torch.Generator) -> Tensor:
    return torch.rand((rows, 1), device=generator.device, generator=generator) < probability


def _column(value: object, like: Tensor) -> Tensor:
    column = torch.as_tensor(value, dtype=like.dtype, device=like.device)
    return column.expand(like.shape[0], 1)
