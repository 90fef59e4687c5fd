"""Batches arranged for what a method asks for: Polyak steps of a given length, differences of functions, Bregman steps.

Most methods run on any functions from any start. Some do on few: where a Polyak step just has the length that the
method is given, where the minimiser of a difference is known, where a minimisation falls apart into coordinates.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from certify.language import Method
from certify.simulate.curved import Curved, Tilted
from certify.simulate.engine import Batch
from certify.simulate.functions import Quadratic, TestFunction
from certify.simulate.functions._random import uniform
from certify.simulate.members import aligned
from certify.simulate.oracle import Oracle
from certify.simulate.rows import number, rows
from certify.simulate.scaled import Scaled

DIRECTIONS = 64
HALVINGS = 60


class _Asked(Exception):
    """A Polyak step was asked for; with the ratio ‖∇f(x)‖²/(f(x) − f⋆) at which it has its length."""


class _Listening(Oracle):
    def polyak_gradient(self, x: Any, ratio: Any) -> Any:
        raise _Asked(ratio)


def arrangements(method: Method, batch: Batch, seed: int) -> Iterator[Batch]:
    """The batch, and what there is instead of it where it does not do."""
    ratio = _polyak_ratio(method, batch)
    if ratio is not None:
        tuned = started_at(batch, ratio, seed)
        yield batch if tuned is None else tuned
        return
    yield batch
    together = aligned(batch)
    if together is not None:
        yield together
    for found in (ordered(batch, seed), unrotated(batch)):
        if found is not None:
            yield found


# --- Polyak steps ------------------------------------------------------------------------------------


def _polyak_ratio(method: Method, batch: Batch) -> Any:
    """The ratio that the method's first step asks for; None if it takes no Polyak step."""
    if len(batch.functions) != 1 or not hasattr(batch.functions[0], "minimum"):
        return None
    few = batch.take(torch.arange(1))
    values = {n: rows(v) if isinstance(v, Tensor) else v for n, v in {**method.values, **few.values}.items()}
    oracle = _Listening(few.functions[0], few.constants[0])
    try:
        method = type(method)(**values)
        method.advance(0, method.start(*map(rows, few.starts), oracle), oracle)
    except _Asked as asked:
        return float(number(asked.args[0]))
    except Exception:  # whatever it is, the run itself will say it
        return None
    return None


def started_at(batch: Batch, ratio: float, seed: int = 0) -> Batch | None:
    """Starts at the same distances with ‖∇f(x)‖² = ratio · (f(x) − f⋆); None if there are none.

    On the arc between a start where the left side is less and one where it is more, by bisection.
    """
    (f,), star = batch.functions, batch.functions[0].minimizer
    if "gradient" not in f.oracles:
        return None
    generator = torch.Generator().manual_seed(seed)
    size = (batch.starts[0] - star).norm(dim=1, keepdim=True)

    def at(v: Tensor) -> Tensor:
        return star + size * v / v.norm(dim=1, keepdim=True)

    def excess(v: Tensor) -> Tensor:
        x = at(v)
        return f.subgradient(x).square().sum(1, keepdim=True) - ratio * (f.value(x) - f.minimum)

    low = high = batch.starts[0] - star
    least = most = excess(low)
    for i in range(DIRECTIONS):
        v = torch.randn(star.shape, dtype=star.dtype, generator=generator)
        if i % 2:  # nearer to one axis
            v = v**5
        found = excess(v)
        low, least = torch.where(found < least, v, low), torch.minimum(found, least)
        high, most = torch.where(found > most, v, high), torch.maximum(found, most)
    good = ((least < 0) & (most > 0) & ((at(low) + at(high) - 2 * star).norm(dim=1, keepdim=True) > 1e-3 * size))[:, 0]
    if not bool(good.any()):
        return None
    low, high = at(low) - star, at(high) - star
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        below = excess(middle) < 0
        low, high = torch.where(below, middle, low), torch.where(below, high, middle)
    return replace(batch, starts=(at(low),)).take(good.nonzero()[:, 0])


# --- differences ---------------------------------------------------------------------------------------


def ordered(batch: Batch, seed: int = 0) -> Batch | None:
    """Quadratics f ≥ g with the same eigenvectors and the constants of their classes, so that f − g is least at x⋆;
    None but for two functions that are smooth and strongly convex."""
    if len(batch.functions) != 2 or any(c.keys() != {"L", "mu"} for c in batch.constants):
        return None
    (L, mu), (M, nu) = ((float(c["L"]), float(c["mu"])) for c in batch.constants)
    if max(mu, nu) > L:
        return None
    star = batch.starts[0].new_zeros(batch.starts[0].shape)
    generator = torch.Generator().manual_seed(seed)
    count, dimension = star.shape
    part = uniform(0, 1, count, dimension, generator=generator)
    above = max(mu, nu) + torch.where(part < 0.3, 0.0, torch.where(part > 0.7, 1.0, part)) * (L - max(mu, nu))
    most = above.clamp_max(M)
    below = nu + torch.where(part.flip(0) < 0.5, 1.0, part.flip(0)) * (most - nu)
    basis = torch.linalg.qr(torch.randn(count, dimension, dimension, dtype=star.dtype, generator=generator))[0]
    pair = tuple(Quadratic(basis=basis, spectrum=h, minimizer=star) for h in (above, below))
    starts = tuple(x - batch.functions[0].minimizer for x in batch.starts)
    return replace(batch, functions=pair, starts=starts, minimizer=star, slopes=None)


# --- coordinates -----------------------------------------------------------------------------------------


def unrotated(batch: Batch) -> Batch | None:
    """The same functions in the given coordinates, of which they are sums then; None if some are not made so."""
    found = tuple(map(_unrotated, batch.functions))
    return None if any(f is None for f in found) else replace(batch, functions=found)


def _unrotated(function: Any) -> Any:
    if isinstance(function, Scaled):
        inner = _unrotated(function.function)
        return None if inner is None else Scaled(inner, function.factor)
    if isinstance(function, Curved):
        inner = _unrotated(function.function)
        return None if inner is None else Curved(inner, function.factor, function.curvature)
    if isinstance(function, Tilted):
        inner = _unrotated(function.function)
        return None if inner is None else Tilted(inner, function.slope)
    if not isinstance(function, TestFunction) or "basis" not in function.parameters:
        return None
    basis = function.parameters["basis"]
    plain_basis = torch.eye(basis.shape[-1], dtype=basis.dtype).expand_as(basis).contiguous()
    return type(function)(**{**function.parameters, "basis": plain_basis})
