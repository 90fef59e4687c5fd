"""The solver's door: an exact instance becomes floating-point data, and cvxpy's answer a ratio.

The program is homogeneous. With G the Gram matrix, f the function values and s ≥ 0 in place of the
constant 1, all in one column z = (vec G, f, s), it is

    maximise lhs·z  subject to  rhs·z = 1,  A z ≥ 0,  E z = 0,  G ⪰ 0,

so that the optimum is the supremum of lhs/rhs (Charnes, Cooper 1962). Every row of A and E has
largest entry 1, and so has rhs, by which lhs is scaled too: this does not change the ratio.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import inf
from typing import Any

from certify.pep.step.forms import CONSTANT, Form
from certify.pep.step.structure import Instance

SOLVER = "CLARABEL"
SECOND = "SCS"
TIGHT = {"tol_gap_abs": 1e-10, "tol_gap_rel": 1e-10, "tol_feas": 1e-10}
SLOW = {"eps_abs": 1e-8, "eps_rel": 1e-8, "max_iters": 20_000}
ZERO = 1e-6
"""Below ZERO, the optimal s counts as 0."""


@dataclass(frozen=True)
class Outcome:
    """A status (optimal, inaccurate, unbounded, infeasible or failed) and the optimal lhs/rhs."""

    status: str
    ratio: float | None = None
    share: float = 1.0
    """The optimal s."""


class Program:
    """The floating-point data of an instance; each solve builds one small cvxpy problem."""

    def __init__(self, instance: Instance) -> None:
        import numpy as np

        self.solve_seconds = 0.0
        size = len(instance.vectors)
        self.size = size
        self.width = size * size + len(instance.values) + 1
        self.places: dict[str, tuple[int, ...]] = {CONSTANT: (self.width - 1,)}
        for i, a in enumerate(instance.vectors):
            for j, b in enumerate(instance.vectors):
                self.places[f"<{a},{b}>"] = (i * size + j, j * size + i)
        for k, name in enumerate(instance.values):
            self.places[name] = (size * size + k,)
        forms = (*instance.nonnegative, *instance.zero, instance.lhs, instance.rhs)
        self.constants = any(CONSTANT in form for form in forms)
        positive = [*instance.nonnegative, {CONSTANT: Fraction(1)}]  # s ≥ 0 comes last
        self.nonnegative = self._rows(positive)
        self.zero = self._rows(instance.zero)
        sides = self._rows((instance.lhs, instance.rhs), scaled=False)
        self.lhs, self.rhs = sides / (np.abs(sides[1]).max() or 1.0)

    def ratio(self, solver: str = SOLVER, **options: Any) -> Outcome:
        """sup lhs/rhs over all points with rhs > 0; unbounded too if there are none but lhs > 0.

        Constants can vanish in the limit (s → 0). That limit counts only if there is a point with
        s = 1 to start from; otherwise the parameters contradict the hypotheses: infeasible.
        """
        outcome = self._solve(self.lhs, self.rhs, solver, options)
        if outcome.status == "infeasible":
            if self._solve(None, self.lhs, solver, options).status != "optimal":
                return outcome
            outcome = Outcome("unbounded", inf, 0.0)
        if self.constants and outcome.share < ZERO:
            constant = self.nonnegative[-1]
            start = self._solve(None, constant, solver, options).status
            if start in ("infeasible", "failed"):
                return Outcome(start)
        return outcome

    def _rows(self, forms: Sequence[Form], scaled: bool = True) -> Any:
        import numpy as np

        matrix = np.zeros((len(forms), self.width))
        for row, form in zip(matrix, forms, strict=True):
            largest = max((abs(c) for c in form.values()), default=1) if scaled else 1
            for name, coefficient in form.items():
                for place in self.places[name]:
                    row[place] += float(coefficient / largest) / len(self.places[name])
        return matrix

    def _solve(self, objective: Any, unit: Any, solver: str, options: dict[str, float]) -> Outcome:
        """Maximise a row (or find a point) where another row is 1."""
        import cvxpy as cp

        parts = [cp.Variable(self.width - self.size**2)]
        if self.size:
            parts.insert(0, cp.vec(cp.Variable((self.size, self.size), PSD=True), order="F"))
        z = cp.hstack(parts)
        constraints = [self.nonnegative @ z >= 0, unit @ z == 1]
        if len(self.zero):
            constraints.append(self.zero @ z == 0)
        problem = cp.Problem(cp.Maximize(0 if objective is None else objective @ z), constraints)
        begin = time.perf_counter()
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # the status tells
                problem.solve(solver=solver, **options)
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException:  # a panic inside Clarabel is not an Exception
            return Outcome("failed")
        stats = problem.solver_stats
        taken = stats.solve_time if stats is not None else None
        self.solve_seconds += time.perf_counter() - begin if taken is None else taken
        if problem.status in ("unbounded", "infeasible"):
            return Outcome(problem.status, inf if problem.status == "unbounded" else None, 0.0)
        if z.value is None or problem.status not in ("optimal", "optimal_inaccurate"):
            return Outcome("failed")
        status = "optimal" if problem.status == "optimal" else "inaccurate"
        return Outcome(status, float(problem.value), float(z.value[-1]))
