"""Exact upper bounds: from a solver's multipliers to rational ones that satisfy every condition of the dual exactly.

The solver is asked for a point that is strictly inside (`pushed`), and its answer survives rounding to few decimals and
the exact repair of the equations. Where no such point exists the dual is confined to a face first (`exposed`). What
that does not settle is done by mixing with a point deep inside (`fat_point`), if need be after the optimum has been
located more precisely (`zoom`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import inf
from typing import Any

import numpy as np
from flint import fmpq

from certify.pep.engine import solvers
from certify.pep.engine.balance import Balance, adapted, balance
from certify.pep.engine.conic import Answer, Conic, conic, number
from certify.pep.engine.exposed import exposed
from certify.pep.engine.inside import fat_point, zoom
from certify.pep.engine.program import Program
from certify.pep.engine.pushed import (
    blocks,
    clearly_inside,
    corrected,
    diagonals,
    lowered,
    residuals,
    solve_inside,
)
from certify.pep.engine.repair import Basis, basis, rounded
from certify.pep.engine.semidefinite import is_semidefinite
from certify.pep.engine.sieve import sieve
from certify.pep.engine.sieved import Sieved

DEPTH = 4
"""How often a dual may be confined to a face of a face."""
FAINT = 1e-5
"""Below this an optimum is looked at in units of its own: solvers' errors are absolute."""
UNITS = 5
"""How often units may be changed: each time some more orders of magnitude come to light."""
TRACE = 2e-10
"""Multipliers below this stand for 0, where the push leaves room for that."""
SHARPEST: dict[str, Any] = {"tol_feas": 1e-12, "tol_gap_abs": 1e-13, "max_iter": 80}
"""Options for a point to be mixed with one deep inside: what it violates must be less than the mixture gains."""
SHARES = tuple(2.0**-k for k in range(10, 0, -1))
"""How much of an answer that is farther inside is mixed to one that is not inside enough."""
LOSSES = (0.5, 0.7, 0.9, 1.5, 2.5, 4.0, 8.0, 16.0, 32.0)
"""What a mixture with a point deep inside may lose, in tolerances: the first that is enough."""
USUAL = 11
"""Decimals that a push leaves room for, in most cases."""
CLOSE, DENSE = 4.0, 40
"""A bound within so many tolerances is close enough where matrices have more rows than this: zooming is dense."""
MOST = 17
"""Decimals beyond this are below what doubles resolve."""
SMALLEST = 1e-10
"""Optima below this count as this when inflation is measured."""


@dataclass(frozen=True)
class Rounded:
    """Feasible multipliers: every equation exact, λ ≥ 0, all matrices ⪰ 0 exactly or by far more than rounding errors.

    `inflation` is (bound − reference)/reference for the floating-point optimum `reference`; `how` names the step
    that succeeded, `digits` the decimals kept.
    """

    y: tuple[fmpq, ...]
    bound: fmpq
    reference: float
    inflation: float
    how: str
    digits: int


@dataclass(frozen=True)
class Unrounded:
    """No exact multipliers were found: by how much the floating-point ones violate the equations and the cones."""

    equations: float
    cones: float


def round_dual(
    program: Program,
    answer: Answer,
    *,
    data: Conic | None = None,
    tolerance: Fraction = Fraction(1, 10**6),
    depth: int = 0,
    units: int = 0,
) -> Rounded | Unrounded:
    """Exact feasible multipliers near a solver's, at most `tolerance` (relative) above its optimum if possible.

    **Arguments:** `answer` should come from `solve_inside`, any other answer costs a second solve; `data` is
    `conic(program)` if it is there already; `depth` counts the faces to which the dual has been confined, `units` how
    often its units have been changed. A bound above the tolerance is returned if nothing better is found.
    """
    data = conic(program) if data is None else data
    balanced = None if units else balance(program, data)
    if balanced is not None:
        found = _rescaled(balanced, tolerance, depth, 1)
        if isinstance(found, Rounded) or answer.x is None:
            return found
    closer = None
    if units < UNITS and answer.value is not None and abs(number(program.constant) + answer.value) < FAINT:
        finer = adapted(program, data, answer)
        closer = None if finer is None else _rescaled(finer, tolerance, depth, units + 1)
        if isinstance(closer, Rounded) and _is_good(closer, tolerance):
            return closer
    attempt = _Attempt(program, data, float(tolerance))
    found = attempt.best(attempt.near(answer))
    if depth < DEPTH and not _is_good(found, tolerance):
        other = _on_a_face(program, data, tolerance, depth + 1)
        if other is not None and (found is None or other.bound < found.bound):
            found = other
    if not _is_good(found, tolerance):
        found = attempt.best(attempt.deep(), found)
    if isinstance(closer, Rounded) and (found is None or closer.bound < found.bound):
        return closer
    if found is None:
        return Unrounded(*((inf, inf) if answer.x is None else residuals(data, answer.x)))
    return found


def _is_good(found: Rounded | None, tolerance: Fraction) -> bool:
    """Whether a bound is as near to the optimum as wanted (one that is far below shows that the reference is wrong)."""
    return found is not None and abs(found.inflation) <= tolerance


def _rescaled(balanced: Balance, tolerance: Fraction, depth: int, units: int) -> Rounded | Unrounded:
    """Everything in better units; bounds and errors are given in those of the problem."""
    answer = solve_inside(balanced.program, balanced.data)
    found = round_dual(balanced.program, answer, data=balanced.data, tolerance=tolerance, depth=depth, units=units)
    if isinstance(found, Unrounded):
        return found
    unit = fmpq(2) ** balanced.unit
    reference = found.reference * number(unit)
    return replace(found, y=tuple(balanced.lift(found.y)), bound=found.bound * unit, reference=reference)


def _on_a_face(program: Program, data: Conic, tolerance: Fraction, depth: int) -> Rounded | None:
    """Exact multipliers of a dual without interior: everything again on the smallest face that a solver shows."""
    face = exposed(program, data)
    while face is not None:
        reduced = sieve(program, face)
        if not reduced.contradiction:
            inner = conic(reduced.program)
            found = round_dual(
                reduced.program, solve_inside(reduced.program, inner), data=inner, tolerance=tolerance, depth=depth
            )
            if isinstance(found, Rounded):
                y = reduced.lift(found.y)
                if y is not None and is_feasible(program, y):
                    return replace(found, y=tuple(y), how=f"{found.how} on a face")
        face = replace(face, kernels=()) if any(face.kernels) and face.zeros else None
    return None


def lift(sieved: Sieved, y: Sequence[fmpq], tolerance: Fraction = Fraction(1, 10**6)) -> Sequence[fmpq] | None:
    """Multipliers of the program before facial reduction, or None.

    Where the matrices are singular no multiplier of an eliminated relation may be large enough (its vectors' products
    with others matter); then the vectors are put back and everything is done again.
    """
    lifted = sieved.lift(y)
    if lifted is None:
        whole = sieve(sieved.original, eliminate=False)
        data = conic(whole.program)
        found = round_dual(whole.program, solve_inside(whole.program, data), data=data, tolerance=tolerance)
        lifted = whole.lift(found.y) if isinstance(found, Rounded) else None
    return lifted


class _Attempt:
    """The steps from cheap to dear, as a sequence of floating-point points that might survive rounding."""

    def __init__(self, program: Program, data: Conic, tolerance: float) -> None:
        self.program, self.data, self.tolerance = program, data, tolerance
        self.constant = number(program.constant)
        self.y: np.ndarray | None = None
        self.reference = 0.0
        self.excess = inf
        """The inflation of the best bound so far."""
        self._basis: Basis | None = None

    def best(self, proposals: Iterable[tuple[str, np.ndarray, float]], best: Rounded | None = None) -> Rounded | None:
        """The first exact point within the tolerance, or the best that there is."""
        for how, y, reference in proposals:
            self.y, self.reference = y, reference
            found = self.exact(y, reference, how)
            if found is not None and (best is None or found.bound < best.bound):
                best = found
            if best is not None:
                best = replace(best, reference=reference, inflation=_inflation(number(best.bound), reference))
                self.excess = abs(best.inflation)
                if abs(best.inflation) <= self.tolerance:
                    return best
        return best

    def near(self, answer: Answer) -> Iterator[tuple[str, np.ndarray, float]]:
        """(step, multipliers, optimum): a solver's answer, and a second one with a push that fits the prices."""
        if answer.x is None:
            return
        value = self.value(answer.x)
        reference = value if answer.value is None else min(value, self.constant + answer.value)
        yield "direct", answer.x, reference
        if answer.z is not None:
            again = self._again(answer.z, reference)
            if again.x is not None and again.value is not None:
                yield "pushed", again.x, self.constant + again.value
                # the first answer is farther inside, the second one nearer to the optimum, perhaps not inside at all
                steps = () if self._digits(again.x) else SHARES
                points = (again.x + share * (answer.x - again.x) for share in steps)
                y = next((y for y in points if self._digits(y)), None)
                if y is not None:
                    yield "between", y, self.constant + again.value

    def deep(self) -> Iterator[tuple[str, np.ndarray, float]]:
        """Mixtures with a point deep inside, of the last point and of those ever nearer to the optimum."""
        if self.y is None:
            return
        fat = fat_point(self.program, self.data, self.reference)
        if fat is None:
            return
        y, reference, top = self.y, self.reference, self.value(fat)
        plain = corrected(self.data, self.data, solvers.call(self.data, **SHARPEST))
        if plain.x is not None and plain.value is not None:  # without a push solvers are more precise
            y, reference = plain.x, self.constant + plain.value
        yield "mixed", self._mix(y, fat, reference, top), reference
        if self.excess <= CLOSE * self.tolerance and sum(self.program.sizes) > DENSE:
            return
        for level, (near, optimum) in enumerate(zoom(self.program, self.data, y)):
            reference = optimum + self.constant
            yield f"zoom {level + 1}", self._mix(near, fat, reference, top), reference

    def value(self, y: np.ndarray) -> float:
        return self.constant + float(self.data.q @ y)

    def _mix(self, y: np.ndarray, fat: np.ndarray, value: float, top: float) -> np.ndarray:
        unit = self.tolerance * max(abs(value), SMALLEST) / max(abs(top - value), 1e-300)
        points = [y + min(loss * unit, 0.5) * (fat - y) for loss in LOSSES]
        return next((point for point in points if self._digits(point)), points[0])

    def _again(self, z: np.ndarray, value: float) -> Answer:
        """Solve with a push whose costs are the same for every diagonal entry, a quarter of the tolerance together.

        The objective is scaled to have an optimum near 1, for solvers measure their errors absolutely.
        """
        allowed = 0.25 * self.tolerance * max(abs(value), SMALLEST)
        prices = [np.maximum(np.abs(z[rows]), 1e-4) for rows in diagonals(self.data)]
        count = sum(map(len, prices)) or 1
        unit = min(max(abs(value), SMALLEST), 1.0)
        data = replace(self.data, b=self.data.b / unit)
        shifted = lowered(data, [allowed / unit / count / price for price in prices])
        again = solvers.call(shifted, tol_feas=1e-11, tol_gap_abs=1e-10, tol_gap_rel=1e-10, max_iter=80)
        again = corrected(data, shifted, again)
        if again.x is None or again.value is None:
            return again
        return replace(again, x=again.x * unit, value=again.value * unit)

    def exact(self, y: np.ndarray, reference: float, how: str) -> Rounded | None:
        """Round, repair and check; without the multipliers that are only a solver's traces, if that is good enough."""
        signed = np.zeros(len(y), dtype=bool)
        signed[list(self.program.signed)] = True
        clipped = np.where(signed & (y < TRACE), 0.0, y)
        found = self._rounded(clipped, (USUAL,), reference, how) if how == "direct" else None
        if found is None:
            found = self._rounded(clipped, self._digits(clipped)[:1], reference, how)
        if found is None or abs(found.inflation) > self.tolerance:
            clipped = np.where(signed & (y < 0), 0.0, y)
            found = self._rounded(clipped, self._digits(clipped), reference, how) or found
        return found

    def _rounded(self, y: np.ndarray, attempts: Sequence[int], reference: float, how: str) -> Rounded | None:
        """The first feasible point with one of these numbers of digits."""
        for digits in attempts:
            if self._basis is None:
                self._basis = basis(self.program, y)
            found = rounded(self.program, y, digits, self._basis)
            if found is None:
                self._basis = None
                continue
            if clearly_inside(self.data, found) or is_feasible(self.program, found):
                bound = self.program.cost(found)
                return Rounded(tuple(found), bound, reference, _inflation(number(bound), reference), how, digits)
        return None

    def _digits(self, y: np.ndarray) -> tuple[int, ...]:
        """As few digits as the point's distance from the boundary suggests, and some more; none if it is outside."""
        margins = [np.linalg.eigvalsh(m)[0] for m in blocks(self.data, self.data.b - self.data.A @ y) if len(m)]
        margin = min(margins, default=1.0)
        if margin <= 0:
            return ()
        first = max(5, int(np.ceil(-np.log10(min(margin, 1.0)))) + 1)
        return (first, first + 2, first + 4, *range(first + 6, MOST, 2)[-2:])


def is_feasible(program: Program, y: Sequence[fmpq]) -> bool:
    """Whether all matrices are ⪰ 0, exactly (equations and signs are the repair's business)."""
    return all(is_semidefinite(m, size) for m, size in zip(program.matrices(y), program.sizes, strict=True))


def _inflation(bound: float, reference: float) -> float:
    return (bound - reference) / max(abs(reference), SMALLEST)
