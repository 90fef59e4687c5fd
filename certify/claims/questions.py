"""Which numbers of steps and parameters are tried on the line, in which order."""

from __future__ import annotations

import random
from collections.abc import Iterator
from fractions import Fraction
from itertools import chain, islice

from certify.claims.claim import ACCURACY, Claim
from certify.claims.formulas import names
from certify.claims.samples import points
from certify.claims.worst import counts

BRANCHING = 6
"""Up to so many steps every outcome of the noise is followed."""
LONG = (12, 30, 80)
"""Numbers of steps for noise on quadratics: floors are reached in the long run."""
EARLY = 16
"""Points at which long runs are tried before the short ones: floors that are too low are common."""
QUICK = 40
"""Points at which the first number of steps is tried before all others."""


def questions(claim: Claim, seed: int) -> Iterator[tuple[int, dict[str, Fraction]]]:
    """Numbers of steps and parameters; R where step sizes depend on it is 1 (and the start follows)."""
    limit = BRANCHING if claim.random else 15
    used = frozenset().union(
        *(names(f) for f in claim.values.values()), *(names(c.left) | names(c.right) for c in claim.conditions)
    )
    fixed = {n: Fraction(1) for n in ("R",) if n in used}
    if used & {"Delta0", ACCURACY}:
        return
    if claim.complexity is not None:
        grids = [(n, list(points(claim, n, fixed))) for n in (1, 2, 3, 5)]
        for i in range(max((len(g) for _, g in grids), default=0)):
            yield from ((n, g[i]) for n, g in grids if i < len(g))
        return
    tried = (*((0,) if claim.least == 0 and claim.steps is None else ()), *counts(claim))
    grids = [(n, list(points(claim, n, fixed))) for n in tried if n <= limit]
    if claim.random:  # one step is the cheapest, and shows most errors in constants
        yield from ((n, point) for n, grid in grids[:1] for point in grid[:QUICK])
        if claim.steps is None:
            rows = [[(n, p) for p in islice(points(claim, n, fixed), EARLY)] for n in (LONG[-1], LONG[0])]
            yield from chain.from_iterable(zip(*rows, strict=False))
    generator = random.Random(seed)  # noqa: S311
    for rows in grids:
        head, tail = rows[1][:8], rows[1][8:]
        generator.shuffle(tail)
        rows[1][:] = head + tail
    if claim.random and claim.steps is None:
        grids += [(n, list(points(claim, n, fixed))[::3][:60]) for n in LONG]
    for i in range(max((len(g) for _, g in grids), default=0)):
        for steps, grid in grids:
            if i < len(grid):
                yield steps, grid[i]
