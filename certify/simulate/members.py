"""Test functions of a class with the very constants that were asked for, and starts around their minimisers.

Every batch satisfies the assumptions by construction: a family is multiplied, or given a bowl, until its constants are
the ones asked for, or those of its functions that do not qualify are left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import torch
from torch import Tensor

from certify.assumptions.ball_convex import BallConvex
from certify.assumptions.ball_convex_lsc import BallConvexLsc
from certify.assumptions.convex import Convex
from certify.assumptions.lipschitz_convex import LipschitzConvex
from certify.assumptions.lipschitz_strongly_convex import LipschitzStronglyConvex
from certify.assumptions.pl import PolyakLojasiewicz
from certify.assumptions.quadratic import Quadratic
from certify.assumptions.sharp_growth import SharpGrowth
from certify.assumptions.smooth import Smooth
from certify.assumptions.smooth_convex import SmoothConvex
from certify.assumptions.smooth_strongly_convex import SmoothStronglyConvex
from certify.assumptions.strongly_convex import StronglyConvex
from certify.language import Assumption
from certify.simulate import operators, sets
from certify.simulate.curved import Curved, Tilted
from certify.simulate.engine import Batch
from certify.simulate.functions import FAMILIES, TestFunction
from certify.simulate.functions.least_squares import LeastSquares
from certify.simulate.functions.logistic import LogisticRegression
from certify.simulate.functions.softmax import SoftmaxRegression
from certify.simulate.oracle import BatchFunction
from certify.simulate.scaled import Scaled

KNOWN: Mapping[str, type[Assumption]] = {
    a.name: a
    for a in (
        BallConvex, BallConvexLsc, Convex, LipschitzConvex, PolyakLojasiewicz, Quadratic, SharpGrowth, Smooth,
        SmoothConvex, SmoothStronglyConvex, StronglyConvex,
    )
}  # fmt: skip
"""The assumptions that test functions know of themselves; what these imply they satisfy too."""
DIMENSIONS = (1, 2, 10)
ROUNDING = 1e-12
"""Relative: a constant counts as attained although it was computed."""
Kinds = Sequence[type[Assumption]]
Numbers = Mapping[str, Fraction]
Families = Sequence[type[TestFunction]]


def batches(
    kinds: Sequence[Kinds],
    constants: Sequence[Numbers],
    *,
    runs: int,
    seed: int = 0,
    starts: int = 1,
    dimensions: Sequence[int] = DIMENSIONS,
    data: bool = False,
) -> Iterator[Batch]:
    """At least `runs` runs in all from distance 1, spread evenly over families and dimensions.

    **Arguments**: for each role of the method what is assumed of it and with which constants; `starts`, how many
    starting points the method has (the same for all); `data`, whether to take functions of real data too, which
    raises ImportError without scikit-learn.

    Nothing is yielded if some role has no test functions. The same seed gives the same batches on every device.
    """
    families = (*FAMILIES, *((LogisticRegression, SoftmaxRegression, LeastSquares) if data else ()))
    found = _families(families, kinds, constants, 2, seed, dimensions)
    rows = -(-runs // len(found)) if found else 0
    for batch in _families(families, kinds, constants, rows, seed, dimensions) if found else []:
        yield _started(batch, constants, starts, seed)


def _families(
    families: Families,
    kinds: Sequence[Kinds],
    constants: Sequence[Numbers],
    rows: int,
    seed: int,
    dimensions: Sequence[int],
) -> list[tuple[BatchFunction, ...]]:
    found: list[tuple[BatchFunction, ...]] = []
    for dimension in dimensions:
        generator = torch.Generator().manual_seed(seed * 1000 + dimension)
        roles = [
            list(_of_role(own, numbers, rows=rows, dimension=dimension, generator=generator, families=families))
            for own, numbers in zip(kinds, constants, strict=True)
        ]
        if all(roles):  # the i-th of each role together, so that every family occurs
            most = max(map(len, roles))
            found += [tuple(own[(i + j) % len(own)] for j, own in enumerate(roles)) for i in range(most)]
    return found


def _of_role(kinds: Kinds, constants: Numbers, *, families: Families, **drawn: Any) -> Iterator[Any]:
    """Functions, sets or operators, whichever the assumptions are about."""
    if any(map(operators.is_operator, kinds)):

        def of_functions(kind: type[Assumption], numbers: Any) -> Iterator[BatchFunction]:
            exact = {n: Fraction(v) for n, v in numbers.items()}
            return members([kind], exact, families=families, **drawn)

        yield from operators.members(kinds, constants, of_functions=of_functions, **drawn)
    elif sets.is_set(kinds):
        yield from sets.members(kinds, constants, **drawn)
    else:
        yield from members(kinds, constants, families=families, **drawn)


def members(
    kinds: Kinds,
    constants: Numbers,
    *,
    rows: int,
    dimension: int,
    generator: torch.Generator,
    families: Families = FAMILIES,
) -> Iterator[BatchFunction]:
    """Batches of up to `rows` functions on R^dimension with minimiser 0 that satisfy all the assumptions."""
    for family in families:
        for function in family.sample(batch=rows, dimension=dimension, generator=generator):
            fitted = fit(centred(function), constants)
            if fitted is not None and len(fitted.minimizer) and satisfies(fitted, kinds):
                yield fitted


def satisfies(function: Any, kinds: Kinds) -> bool:
    """Whether every assumption is one that the function knows of itself, or follows from one.

    That subgradients of strongly convex functions are bounded at the points visited is left to the oracle.
    """
    kinds = [StronglyConvex if k is LipschitzStronglyConvex else k for k in kinds]
    known = frozenset().union(*(KNOWN[n].closure() for n in function.satisfies & KNOWN.keys()))
    return set(kinds) <= known


def centred(function: TestFunction) -> TestFunction:
    """The functions moved so that their minimisers are 0, where nothing cancels."""
    moved = {
        n: function.parameters[n] - function.minimizer for n in ("minimizer", "center") if n in function.parameters
    }
    return type(function)(**{**function.parameters, **moved}) if moved else function


def fit(function: TestFunction, constants: Numbers) -> Any | None:
    """The functions with these constants, of those that can have them; None if none of the family can."""
    own, wanted = function.constants, {n: float(v) for n, v in constants.items()}
    if not wanted:
        return function
    if wanted.keys() == {"L", "mu"} and "smooth-convex" in function.satisfies:
        mu = torch.full_like(own["L"], wanted["mu"])
        return Curved(function, (wanted["L"] - mu) / own["L"], mu)
    if wanted.keys() == {"mu"} and "convex" in function.satisfies and "mu" not in own:
        return Curved(function, torch.ones_like(function.minimum), torch.full_like(function.minimum, wanted["mu"]))
    if wanted.keys() == {"M", "mu"} and "convex" in function.satisfies and "mu" not in own:
        return _locally_lipschitz(function, wanted)
    if not wanted.keys() <= own.keys():
        return None
    first, *others = wanted
    factor = wanted[first] / own[first]
    good = factor.isfinite() & (factor > 0)
    for name in others:
        reached, asked = factor * own[name], wanted[name]
        enough = reached >= asked * (1 - ROUNDING) if name in ("mu", "s") else reached <= asked * (1 + ROUNDING)
        good = good & enough
    kept = good[:, 0]
    return Scaled(function.take(kept), factor[kept]) if bool(kept.any()) else None


def _locally_lipschitz(function: TestFunction, wanted: Mapping[str, float]) -> Curved:
    """μ-strongly convex functions whose subgradients are at most M near x⋆; an oracle sees to it that they are."""
    own, reach = function.constants, wanted["M"] / (2 * wanted["mu"])
    steep = own["M"] if "M" in own else own["L"] * min(1.0, reach)
    part = torch.linspace(0, 1, len(steep), dtype=steep.dtype, device=steep.device)[:, None]
    return Curved(function, part * wanted["M"] / (2 * steep), torch.full_like(function.minimum, wanted["mu"]))


def _started(functions: tuple[Any, ...], constants: Sequence[Numbers], starts: int, seed: int) -> Batch:
    """Starts at distance 1 (in a bounded set: within it); several functions get slopes at x⋆ that add up to 0, so that
    none has its minimum there. Methods with several starting points get none: their solutions are several points."""
    rows = min(len(f.minimizer) for f in functions)
    functions = tuple(f.take(torch.arange(rows)) for f in functions)
    star = functions[0].minimizer
    generator = torch.Generator().manual_seed(seed + star.shape[1])
    points = tuple(star + _directions(star, generator) for _ in range(starts))
    for own in constants:
        if {"M", "mu"} <= own.keys():  # where subgradients are bounded
            part = torch.linspace(0.02, 0.5, rows, dtype=star.dtype)[:, None] * float(own["M"]) / float(own["mu"])
            points = tuple(star + part.clamp_max(1.0) * (x - star) for x in points)
    for f in functions:
        if isinstance(f, sets.BoxSet) and bool(f.constants["D"].isfinite().all()):
            points = tuple(f.prox(x, 1.0) for x in points)
    if len(functions) == 1:
        return Batch(functions, points, tuple(constants))
    if starts > 1:
        return Batch(functions, points, tuple(constants), minimizer=star)
    slopes = _slopes(functions, generator)
    tilted = tuple(_tilted(f, s) for f, s in zip(functions, slopes, strict=True))
    return Batch(tilted, points, tuple(constants), minimizer=star, slopes=slopes)


def aligned(batch: Batch) -> Batch | None:
    """The same runs on functions that all have their minimum at x⋆, for methods that ask for that of some of them;
    None if they have already."""
    if batch.slopes is None:
        return None
    functions = tuple(f.function if isinstance(f, Tilted) else f for f in batch.functions)
    if any(isinstance(f, operators.Shifted) for f in functions):
        return None
    return replace(batch, functions=functions, slopes=None)


def _slopes(functions: tuple[Any, ...], generator: torch.Generator) -> tuple[Tensor, ...]:
    """A slope at x⋆ for each function, 0 but for two of them; of a set one that it has there anyway."""
    star = functions[0].minimizer
    size = 10 ** (3 * torch.rand(len(star), 1, dtype=star.dtype, generator=generator) - 2.5)
    slope = size * _directions(star, generator)
    found = [torch.zeros_like(slope) for _ in functions]
    free = [i for i, f in enumerate(functions) if not isinstance(f, sets.BoxSet)]
    if len(free) > 1:
        found[free[0]], found[free[1]] = slope, -slope
    elif free:
        bound = next(i for i, f in enumerate(functions) if isinstance(f, sets.BoxSet))
        slope = size * functions[bound].normal
        found[bound], found[free[0]] = slope, -slope
    return tuple(found)


def _tilted(function: Any, slope: Tensor) -> Any:
    if not slope.any() or isinstance(function, sets.BoxSet):
        return function
    return operators.Shifted(function, slope) if isinstance(function, operators.OPERATORS) else Tilted(function, slope)


def _directions(like: Tensor, generator: torch.Generator) -> Tensor:
    """Unit vectors: in all directions, and (in a third of the rows) along an axis."""
    rows, dimension = like.shape
    v = torch.randn(rows, dimension, dtype=like.dtype, generator=generator)
    axis = torch.randint(dimension, (rows, 1), generator=generator)
    along = torch.zeros_like(v).scatter(1, axis, 1.0)
    v = torch.where(torch.rand(rows, 1, generator=generator) < 1 / 3, along, v)
    return v / v.norm(dim=1, keepdim=True)
