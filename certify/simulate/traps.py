"""Runs that never converge, proved exactly: the method is run in ℚ until it is caught by a cycle.

Near a cycle whose points lie inside pieces of the same curvature, a method that is linear in its state and the gradient
multiplies the distance e from the cycle by one matrix A in every step. If P ≻ 0 solves P − AᵀPA = I, then eᵀPe never
grows, and eᵢ² ≤ (P⁻¹)ᵢᵢ·eᵀPe bounds every later distance. If that is less than the distances from the cycle to the
breakpoints and to x⋆, the run stays on the same pieces, and away from x⋆, for ever.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flint import fmpq, fmpq_mat

from certify.language.conjectures import Trap
from certify.language.methods import Method
from certify.simulate import exact
from certify.simulate.exact import PiecewiseQuadratic
from certify.simulate.membership import satisfies
from certify.simulate.recorded import Recorded


class NotRefuted(ValueError):
    """The data do not refute the conjecture; the message says what failed."""


@dataclass(frozen=True)
class Caught:
    """An exact run that stays near a cycle for ever: `distance` bounds how far it will ever be from it again."""

    function: PiecewiseQuadratic
    cycle: tuple[Fraction, ...]
    steps: int
    squared_distance: Fraction
    margin: Fraction


def caught(method: type[Method], assumptions: Sequence[str], at: Mapping[str, Fraction], trap: Trap) -> Caught:
    """Replay a trap through the method's own step. **Raises:** NotRefuted.

    Checked are: f belongs to the classes named, with constants among `at`; the points are a cycle of the method's step;
    x⋆ = 0 is not among them; and the run from `trap.start` is caught after `trap.steps` steps.
    """
    f = exact.smooth(trap.breakpoints, trap.curvatures)
    for name in assumptions:
        if not satisfies(f, name, at):
            raise NotRefuted(f"the function is not in the class {name}")
    made = method(**{s: v for s, v in at.items() if s in method.parameters()})
    cycle = _states(made, f, trap.cycle)
    for here, there in zip(cycle, (*cycle[1:], cycle[0]), strict=True):
        if tuple(made.step(here, Recorded(f, at))) != tuple(there):
            raise NotRefuted("the points are no cycle of the method")
    if f.minimizer() in trap.cycle:
        raise NotRefuted("the cycle contains the minimiser")
    bends = [f.around(x)[0].a for x in trap.cycle]
    if len(set(bends)) > 1 or any(x in f.breakpoints for x in trap.cycle):
        raise NotRefuted("the cycle visits pieces of different curvature")
    state = made.start(trap.start, Recorded(f, at))
    for _ in range(trap.steps):
        state = made.step(state, Recorded(f, at))
    matrix = _matrix(made, 2 * bends[0], len(state))
    shape = _lyapunov(matrix)
    margin = min(abs(x - b) for x in trap.cycle for b in f.breakpoints)
    margin = min(margin, min(abs(x - f.minimizer()) for x in trap.cycle))
    bound = min(_reach(shape, [a - b for a, b in zip(state, c, strict=True)]) for c in cycle)
    if not bound < margin**2:
        raise NotRefuted(f"after {trap.steps} steps the run is not yet close enough to the cycle")
    return Caught(f, trap.cycle, trap.steps, bound, margin)


def _states(method: Method, f: PiecewiseQuadratic, points: Sequence[Fraction]) -> list[Any]:
    """States whose entries are the latest iterates, the newest first."""
    size = len(method.start(points[0], Recorded(f, {})))
    kind = type(method.start(points[0], Recorded(f, {})))
    return [kind(*(points[(i - j) % len(points)] for j in range(size))) for i in range(len(points))]


def _matrix(method: Method, curvature: Fraction, size: int) -> fmpq_mat:
    """The step on the quadratic with this curvature, which is linear in the state."""
    f = exact.quadratic(curvature)
    kind = type(method.start(Fraction(0), Recorded(f, {})))
    units = [kind(*(Fraction(int(i == j)) for i in range(size))) for j in range(size)]
    columns = [list(method.step(u, Recorded(f, {}))) for u in units]
    total = kind(*(Fraction(2 * j + 3) for j in range(size)))
    expected = [sum((2 * j + 3) * columns[j][i] for j in range(size)) for i in range(size)]
    if list(method.step(total, Recorded(f, {}))) != expected:
        raise NotRefuted("the step is not linear in the state")
    return fmpq_mat(size, size, [_flint(columns[j][i]) for i in range(size) for j in range(size)])


def _lyapunov(matrix: fmpq_mat) -> fmpq_mat:
    """P with P − AᵀPA = I. **Raises:** NotRefuted unless it is positive definite."""
    n = matrix.nrows()
    rows = fmpq_mat(n * n, n * n)
    for i in range(n):
        for j in range(n):
            rows[i * n + j, i * n + j] += 1
            for k in range(n):
                for m in range(n):
                    rows[i * n + j, k * n + m] -= matrix[k, i] * matrix[m, j]
    right = fmpq_mat(n * n, 1, [fmpq(int(i == j)) for i in range(n) for j in range(n)])
    try:
        found = rows.solve(right)
    except ZeroDivisionError:
        raise NotRefuted("the cycle attracts nothing") from None
    shape = fmpq_mat(n, n, [found[i, 0] for i in range(n * n)])
    for k in range(1, n + 1):
        if fmpq_mat(k, k, [shape[i, j] for i in range(k) for j in range(k)]).det() <= 0:
            raise NotRefuted("the cycle attracts nothing")
    return shape


def _reach(shape: fmpq_mat, error: Sequence[Fraction]) -> Fraction:
    """A bound on every entry's square of all later errors: maxᵢ (P⁻¹)ᵢᵢ · eᵀPe."""
    e = fmpq_mat(len(error), 1, [_flint(v) for v in error])
    energy, inverse = (e.transpose() * shape * e)[0, 0], shape.inv()
    found = max(inverse[i, i] for i in range(len(error))) * energy
    return Fraction(int(found.p), int(found.q))


def _flint(value: Fraction) -> fmpq:
    return fmpq(value.numerator, value.denominator)
