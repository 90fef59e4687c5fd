"""The best value of a method's parameter: where two rates meet, or where the bound after N steps is least."""

from __future__ import annotations

from typing import Any

import sympy as sp

from certify.analysis.formulas import expression_text, latex
from certify.analysis.quantities import positive, sample
from certify.analysis.ranges import conditional, in_range
from certify.analysis.results import Formula
from certify.kernel import Polynomial
from certify.language.goals import Contraction, Goal
from certify.language.problems import Problem
from certify.language.scalar import exact
from certify.prove import recursions
from certify.prove.symbolic import to_sympy


def optimal_rate(problem: Problem, cases: list[tuple[tuple[Polynomial, ...], Goal]]) -> Formula | None:
    """The best value of the method's first parameter: where two cases meet, the lower falling and the upper rising."""
    parameters = [s for s in problem.method.parameters() if s not in problem.method.values]
    if len(cases) != 2 or not parameters or len(cases[0][0]) != 1:
        return None
    name = parameters[0]
    unknown = sp.Symbol(name, positive=True)
    meeting = [r for r in sp.solve(positive(to_sympy(cases[0][0][0])), unknown) if r.is_positive]
    if len(meeting) != 1:
        return None
    rates = [positive(to_sympy(exact(g.rate))) for _, g in cases if isinstance(g, Contraction)]
    point = sample(problem, unknown)
    slopes = [float(sp.diff(r, unknown).subs(unknown, meeting[0]).subs(point)) for r in rates]
    if slopes[0] * slopes[1] >= 0:
        return None
    best = sp.factor(sp.simplify(rates[0].subs(unknown, meeting[0])))
    text = f"{expression_text(unknown)} = {expression_text(sp.simplify(meeting[0]))} gives ρ = {expression_text(best)}"
    return Formula(text, rf"{latex(unknown)} = {latex(sp.simplify(meeting[0]))},\quad \rho = {latex(best)}")


def optimal_bound(problem: Problem, bound: Any) -> Formula | None:
    """The value of the method's free parameter that minimises the N-step bound, if it is stationary there."""
    parameters = [s for s in problem.method.parameters() if s not in problem.method.values]
    if not parameters:
        return None
    unknown = sp.Symbol(parameters[0], positive=True)
    if unknown not in bound.free_symbols:
        return None
    point = sample(problem, unknown) | {recursions.N: 10}
    square = sp.Dummy("n", positive=True)  # √N, so that roots are rational more often
    slope = sp.diff(bound, unknown).subs(recursions.N, square**2)
    for found in sp.solve(sp.numer(sp.together(slope)), unknown):
        root = (found if found.is_positive else sp.cancel(found)).subs(square, sp.sqrt(recursions.N))
        if not root.is_positive or not in_range(problem, unknown, root, point):
            continue
        if float(sp.diff(bound, unknown, 2).subs(unknown, root).subs(point)) > 0:
            best = sp.simplify(bound.subs(unknown, root))
            where = conditional(problem, unknown, root)
            text, tex = (", if " + where.text, rf"\text{{ if }} {where.latex}") if where else ("", "")
            return Formula(
                f"{expression_text(unknown)} = {expression_text(root)} gives {expression_text(best)}{text}",
                rf"{latex(unknown)} = {latex(root)},\quad {latex(best)}{tex}",
            )
    return None
