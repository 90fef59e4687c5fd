"""The inequality for one step, as reports show it."""

from __future__ import annotations

from certify.analysis.formulas import added, scalar_formula
from certify.analysis.results import Formula
from certify.language import Problem, Same
from certify.language.goals import Contraction, Potential
from certify.language.scalar import Scalar, exact
from certify.prove.prover import Proved

MAX_ONE_STEP = 160
"""Longer one-step inequalities are shown as the theorem's own statement."""
MAX_POTENTIAL = 500
"""The same for a potential, without which its proof says nothing."""


def one_step(problem: Problem, proved: Proved) -> Formula:
    """What was proved of one step, with the number that was derived; the theorem's own words if that is too long."""
    goals = proved.goals()
    if not goals or isinstance(goals[0][1], Same):
        return Formula(problem.theorem.statement, problem.theorem.statement)
    goal = goals[0][1].shown
    mean = problem.trace.mean
    left = scalar_formula(mean(goal.sides[0]))
    if isinstance(goal, Potential):
        before = scalar_formula(mean(goal.before))
        text = f"Φ_(k+1) ≤ Φ_k, where Φ_k = {before.text}"
        if len(text) <= MAX_POTENTIAL:
            return Formula(text, rf"\Phi_{{k+1}} \le \Phi_k, \quad \Phi_k = {before.latex}")
    if isinstance(goal, Contraction) and len(goals) > 1 and not exact(goal.error).numerator:  # a rate for each case
        start = mean(goal.before)
        before, plain = scalar_formula(start), len(start.numerator.terms) == 1
        text, tex = (before.text, before.latex) if plain else (f"({before.text})", rf"\left({before.latex}\right)")
        if len(left.text + text) < MAX_ONE_STEP:
            return Formula(f"{left.text} ≤ ρ·{text}", rf"{left.latex} \le \rho\,{tex}")
    summands = [mean(s) for s in goal.summands]
    total = sum(summands[1:], summands[0])
    cancelled = len(total.numerator.terms) < sum(len(s.numerator.terms) for s in summands)
    right = scalar_formula(total) if cancelled else added([scalar_formula(s) for s in _cancelled(summands)])
    text = f"{left.text} ≤ {right.text}"
    if len(text) > MAX_ONE_STEP:
        return Formula(problem.theorem.statement, problem.theorem.statement)
    return Formula(text, rf"{left.latex} \le {right.latex}")


def _cancelled(summands: list[Scalar]) -> list[Scalar]:
    """The same with all polynomials as one summand, if terms cancel in their sum."""
    whole = [s for s in summands if not s.denominators]
    total = sum(whole, Scalar.constant(0))
    if len(total.numerator.terms) >= sum(len(s.numerator.terms) for s in whole):
        return summands
    return [*([total] if total.numerator else []), *(s for s in summands if s.denominators)]
