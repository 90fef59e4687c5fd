"""Strictly feasible multipliers of a homogeneous problem: as deep inside all cones as possible, then exact.

For a problem without constants every multiplier proves the bound 0; what is sought is any point of the dual's
feasible set. The set is a cone but for the objective, so the deepest point in a box is found for the objective scaled
by t, and t itself is maximised: t > 0 says that there is a point with room to be rounded.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, log10

import numpy as np
import scipy.sparse as sp

from certify.pep.engine import solvers
from certify.pep.engine.conic import Conic, conic
from certify.pep.engine.invariance import invisible
from certify.pep.engine.problem import Problem, as_fraction
from certify.pep.engine.program import program, to_multipliers
from certify.pep.engine.repair import basis, rounded
from certify.pep.engine.sieve import sieve
from certify.pep.engine.sieved import Sieved
from certify.pep.engine.upper import is_feasible

LEAST = 1e-9
"""A smaller t is no room."""
Multipliers = tuple[dict[str, Fraction], dict[str, Fraction], dict[str, list[list[Fraction]]]]


@dataclass(frozen=True)
class StrictPoint:
    """Multipliers y of a problem's (reduced) dual with |y| ≤ 1, for the objective times `room`, and ⪰ room·I."""

    sieved: Sieved
    y: np.ndarray
    room: float

    def rounded(self) -> Multipliers | None:
        """Exact multipliers of the original problem, as small and with as few digits as is easily had, by relation.

        The larger the scale σ, the more of the objective σy bears (all of it at σ = 1/room) and the fewer digits the
        room σ·room asks for.
        """
        dual = self.sieved.program
        chosen = basis(dual, self.y)
        for scale in self._scales():
            first = max(0, ceil(-log10(scale * self.room)))
            for digits in (first, first + 1, first + 2):
                exact = rounded(dual, scale * self.y, digits, chosen)
                if exact is None or not is_feasible(dual, exact):
                    continue
                lifted = self.sieved.lift(exact)
                if lifted is not None:
                    return to_multipliers(self.sieved.original, [as_fraction(c) for c in lifted])
        return None

    def _scales(self) -> Iterator[float]:
        """1, 2, 5, 10, … and 1/room."""
        power = 1.0
        while power < 1 / self.room:
            yield from (scale for scale in (power, 2 * power, 5 * power) if scale < 1 / self.room)
            power *= 10
        yield 1 / self.room


def deepest(problem: Problem) -> StrictPoint | None:
    """The deepest multipliers that prove the bound 0; None if there is no room (the bound may be false)."""
    sieved = sieve(program(problem, *invisible(problem)))
    if sieved.contradiction:
        return None
    answer = solvers.call(_homogeneous(conic(sieved.program)), tol_gap_abs=1e-10, tol_gap_rel=1e-10, tol_feas=1e-10)
    if answer.x is None or answer.x[-1] < LEAST:
        return None
    return StrictPoint(sieved, answer.x[:-1], float(answer.x[-1]))


def _homogeneous(data: Conic) -> Conic:
    """maximise t with S(y, objective·t) ⪰ tI, λ ≥ 0, |y| ≤ 1."""
    n, start = len(data.q), data.zeros + data.orthant
    column = -data.b.copy()
    for rows, size in zip(data.triangles, data.sizes, strict=True):
        k = np.arange(size)
        column[rows.start + k * (k + 3) // 2] += 1.0
    wide = sp.hstack([data.A, sp.csc_matrix(column[:, None])], format="csr")
    box = sp.hstack([sp.vstack([sp.identity(n), -sp.identity(n)]), sp.csr_matrix((2 * n, 1))], format="csr")
    return Conic(
        q=np.append(np.zeros(n), -1.0),
        A=sp.csc_matrix(sp.vstack([wide[:start], box, wide[start:]])),
        b=np.concatenate([np.zeros(start), np.ones(2 * n), np.zeros(len(data.b) - start)]),
        zeros=data.zeros,
        orthant=data.orthant + 2 * n,
        sizes=data.sizes,
    )
