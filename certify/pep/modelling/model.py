"""A worst-case problem as a person writes it: points, functions, operators, conditions and what is maximised.

::

    model = Model()
    f = model.function(SmoothConvex(L=1))
    x = x0 = model.point("x0")
    model.suppose(norm(x0 - f.minimizer) <= 1)
    for _ in range(5):
        x = x - f.gradient(x)
    model.maximise(f(x) - f.minimum)
    print(model.solve())

All state lives in the model; two models never share anything.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from certify.language import Assumption
from certify.pep.engine.bounds import Verdict
from certify.pep.modelling.expressions import Space
from certify.pep.modelling.functions import Function
from certify.pep.modelling.intersections import joined
from certify.pep.modelling.ledger import Ledger
from certify.pep.modelling.operators import Operator
from certify.pep.modelling.records import exact_assumptions

if TYPE_CHECKING:
    from certify.pep.engine.bounds import Bound


class Model(Ledger):
    """An explicit, growing worst-case problem with functions and operators; `solve()` bounds it."""

    def function(self, *assumptions: Assumption, name: str = "f", space: Space | None = None) -> Function:
        """A function that satisfies all of these assumptions, ``model.function(SmoothConvex(L=1), name="f")``."""
        bound = joined(exact_assumptions(assumptions, "function"))
        return self.own(Function(self, bound, self.free_name(name), space or self.space))

    def operator(
        self, *assumptions: Assumption, name: str = "A", space: Space | None = None, into: Space | None = None
    ) -> Operator:
        """A (set-valued) operator that satisfies all of these assumptions; it maps `space` to itself or `into`."""
        bound, space = joined(exact_assumptions(assumptions, "operator")), space or self.space
        return self.own(Operator(self, bound, self.free_name(name), space, space if into is None else into))

    def solve(self, *, sparse: bool = False, time_limit: float | None = None, **options: Any) -> Bound:
        """Exact lower and upper bounds of the worst case; see `certify.pep.modelling.lazily` for the options.

        With `sparse` the proof of the upper bound is one with few and simple multipliers, at the price of some solves.
        After `time_limit` seconds all work ends, and the bound has only what was established by then (`Bound.stopped`).
        """
        from certify.pep.engine.limited import within

        if time_limit is not None:
            return within(time_limit, lambda report: self._solve(sparse, report=report, **options))
        return self._solve(sparse, **options)

    def _solve(self, sparse: bool, **options: Any) -> Bound:
        from certify.pep.modelling.lazily import solve_lazily  # NumPy and SciPy are loaded when something is solved
        from certify.pep.sparse_proofs import solve_sparsely
        from certify.pep.unbounded import ray

        bound = solve_sparsely(self, **options) if sparse else solve_lazily(self, **options)
        if bound.verdict is Verdict.RELAXATION and options.get("lower") is not False:
            from certify.pep.narrowed import with_a_member

            return with_a_member(self, bound)
        if bound.verdict is Verdict.NUMERICAL and ray(self.problem()) is not None:
            return replace(bound, verdict=Verdict.UNBOUNDED, value=None, residuals=None)
        return bound
