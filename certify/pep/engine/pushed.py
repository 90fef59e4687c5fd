"""Points strictly inside the dual's cone: the problem to give to a solver so that its answer survives rounding.

An optimal dual point lies on the boundary of the cone, where rounding fails. A solver is therefore asked for a point
whose matrices are ⪰ a tiny multiple of the identity; the price is that multiple of tr G.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from flint import fmpq

from certify.pep.engine import solvers
from certify.pep.engine.balance import balance
from certify.pep.engine.conic import Answer, Conic, number, unstack
from certify.pep.engine.program import Program

PUSH = 1e-9
"""Solvers leave 1e-13, rounding 1e-11; where the optimum is 0.01 this costs a relative 1e-7."""
ACCURATE = 1e-7
EPSILON = float(np.finfo(float).eps)


def pushed(data: Conic, amount: float = PUSH) -> Conic:
    """The same conic problem with S ⪰ amount · D, where D is of the size of the data on S's diagonal."""
    magnitudes = np.zeros(len(data.b))
    np.maximum.at(magnitudes, data.A.indices, np.abs(data.A.data))
    sizes = [np.where(magnitudes[rows] > 0, magnitudes[rows], 1.0) for rows in diagonals(data)]
    return lowered(data, [amount * np.minimum(1.0, weights) for weights in sizes])


def corrected(data: Conic, shifted: Conic, answer: Answer) -> Answer:
    """The answer to a pushed problem as one to the problem itself, whose optimum is lower by ⟨push, G⟩.

    Its `value` is the cost less all slack at the prices z, ⟨z, b − A y⟩: errors of y and z enter as products only.
    """
    if answer.x is None or answer.z is None or answer.value is None:
        return answer
    value = float(data.q @ answer.x - (data.b - data.A @ answer.x) @ answer.z)
    status = answer.status
    if status == "inaccurate" and _is_accurate(shifted, answer.x, answer.z):  # inaccurate for the sharp options only
        status = "optimal"
    return replace(answer, value=value, status=status)


def _is_accurate(data: Conic, x: np.ndarray, z: np.ndarray) -> bool:
    """Whether a pair satisfies the optimality conditions to usual precision."""
    size = 1.0 + float(np.max(np.abs(z), initial=0.0))
    gap = abs(float(data.q @ x + data.b @ z))
    dual = float(np.max(np.abs(data.q + data.A.T @ z), initial=0.0))
    return max(*residuals(data, x), dual / size, gap / (1.0 + abs(float(data.q @ x)))) <= ACCURATE


def inside(program: Program, data: Conic, amount: float = PUSH) -> tuple[Conic, Callable[[Answer], Answer]]:
    """The problem to give to a solver, pushed and well scaled, and the way back from its answer."""
    balanced = balance(program, data)
    own = data if balanced is None else balanced.data
    shifted = pushed(own, amount)

    def restored(answer: Answer) -> Answer:
        answer = corrected(own, shifted, answer)
        return answer if balanced is None else balanced.restore(answer)

    return shifted, restored


def solve_inside(program: Program, data: Conic, *, amount: float = PUSH, solver: str = solvers.CLARABEL) -> Answer:
    """Solve the pushed problem: an answer that `round_dual` can round at once."""
    shifted, restored = inside(program, data, amount)
    return restored(solvers.call(shifted, solver, **sharp(solver)))


def sharp(solver: str) -> dict[str, Any]:
    """Options for small violations: Clarabel's default leaves 1e-8, more than the push gains."""
    return {"tol_feas": 1e-10, "tol_gap_abs": 1e-13, "max_iter": 80} if solver.upper() == solvers.CLARABEL else {}


def clearly_inside(data: Conic, y: Sequence[fmpq]) -> bool:
    """Whether all matrices are ⪰ 0 by far more than rounding errors: then there is no need to eliminate exactly.

    An entry is a sum of at most len(y) + 1 terms, of size |b| + |A|·|y| together.
    """
    point = np.array([number(value) for value in y])
    size = np.abs(data.b).max(initial=0.0) + np.abs(data.A.data).max(initial=0.0) * np.abs(point).sum()
    slack = data.b - data.A @ point
    errors = (n * (n + len(y)) * 4 * EPSILON * size for n in data.sizes)
    return all(np.linalg.eigvalsh(m)[0] > e for m, e in zip(blocks(data, slack), errors, strict=True) if len(m))


def residuals(data: Conic, y: np.ndarray) -> tuple[float, float]:
    """By how much floating-point multipliers violate the equations and the cones."""
    slack = data.b - data.A @ y
    cones = [-float(np.min(slack[data.zeros : data.zeros + data.orthant], initial=0.0))]
    cones += [-float(np.linalg.eigvalsh(m)[0]) for m in blocks(data, slack) if len(m)]
    return float(np.max(np.abs(slack[: data.zeros]), initial=0.0)), max(0.0, *cones)


def diagonals(data: Conic) -> list[np.ndarray]:
    """The rows of the diagonal entries of each block."""
    return [
        rows.start + np.arange(n) * (np.arange(n) + 3) // 2 for rows, n in zip(data.triangles, data.sizes, strict=True)
    ]


def lowered(data: Conic, amounts: Sequence[np.ndarray]) -> Conic:
    """The same problem with these amounts subtracted from the diagonal of each block."""
    b = data.b.copy()
    for rows, amount in zip(diagonals(data), amounts, strict=True):
        b[rows] -= amount
    return replace(data, b=b)


def blocks(data: Conic, slack: np.ndarray) -> list[np.ndarray]:
    """The matrices of a stacked slack."""
    return [unstack(slack[rows], size) for rows, size in zip(data.triangles, data.sizes, strict=True)]
