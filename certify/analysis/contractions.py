"""What follows from contractions V⁺ ≤ ρV + e, whose ρ is a number, varies with the case or with a distance."""

from __future__ import annotations

import re

import sympy as sp

from certify.analysis import phrases
from certify.analysis.consequences import Consequences
from certify.analysis.formulas import condition_formula, expression_text, in_product, latex, scalar_formula
from certify.analysis.optima import optimal_rate
from certify.analysis.quantities import RHO, initial_value, plain
from certify.analysis.results import Formula
from certify.kernel import Certificate, Polynomial
from certify.language.energy_goals import EnergyContraction
from certify.language.goals import Contraction, FiniteContraction, Goal
from certify.language.opaque import roots_squared
from certify.language.problems import Problem
from certify.language.scalar import Scalar, exact
from certify.prove import recursions
from certify.prove.closed_forms import case_facts
from certify.prove.signs import Signs

START = sp.Symbol("V_0", positive=True)
"""An energy at the start."""


def contraction(
    problem: Problem,
    cases: list[tuple[tuple[Polynomial, ...], Goal]],
    step_size: Formula | None,
    strict: tuple[Certificate, ...],
) -> Consequences:
    """V_N ≤ ρᴺ V₀ + (1 − ρᴺ) · floor, and the steps to ε above the floor."""
    goals = [g for _, g in cases if isinstance(g, Contraction)]
    after = phrases.measured(problem, "x_N")
    energy = isinstance(goals[0], EnergyContraction)
    initial = plain(roots_squared(initial_value(problem)) if energy else goals[0].before)
    named = _mixed(initial)
    if named:
        initial = START
    uniform = goals[0].uniform
    if uniform is not None:
        varying = exact(uniform(Scalar.variable("R")))
        formula = scalar_formula(varying)
        rate = Formula(f"ρ = {formula.text} with R = ‖x₀ − x⋆‖", rf"\rho = {formula.latex}")
    else:
        rate = _rate(problem, cases)
    end = recursions.contraction(RHO, initial, plain(goals[0].error))
    start = Formula("V₀", "V_0") if named else in_product(Formula(expression_text(initial), latex(initial)))
    bound = Formula(f"{after.text} ≤ ρᴺ·{start.text}", rf"{after.latex} \le \rho^{{N}} {start.latex}")
    steps = phrases.count(problem, end.complexity)
    if len(goals) == 1 and uniform is None and exact(goals[0].error).numerator:
        floor = scalar_formula(exact(goals[0].error) / (1 - exact(goals[0].rate)))
        bound = Formula(
            f"{bound.text} + (1 − ρᴺ)·{floor.text}", rf"{bound.latex} + \left(1 - \rho^{{N}}\right) {floor.latex}"
        )
        steps = phrases.above(problem, steps, floor)
    if named:
        bound = Formula(
            f"{bound.text}, where V₀ is the left side at the start",
            rf"{bound.latex},\ V_0 \text{{ the left side at the start}}",
        )
    return Consequences(step_size, rate, optimal_rate(problem, cases), bound, steps, end, strict)


def _mixed(initial: sp.Expr) -> bool:
    """Whether V₀ is written with products of different vectors, and no longer as the energy that it is."""
    products = (re.search(r"[<⟨]([^,·]*)[,·]([^>⟩]*)[>⟩]", str(s)) for s in initial.free_symbols)
    return any(found is not None and found[1] != found[2] for found in products)


def finite_contraction(
    problem: Problem, goal: FiniteContraction, step_size: Formula | None, strict: tuple[Certificate, ...]
) -> Consequences:
    """x_N is optimal from some N on."""
    end = recursions.finite_contraction(RHO, plain(goal.least), plain(goal.before))
    rate = scalar_formula(exact(goal.rate))
    bound = phrases.formula("x_N is optimal for N ≥ ", r"x_N \text{ is optimal for } N \ge ", end.complexity)
    shown = Formula(f"ρ = {rate.text}", rf"\rho = {rate.latex}")
    return Consequences(step_size, shown, None, bound, phrases.count(problem, end.complexity), end, strict)


def _rate(problem: Problem, cases: list[tuple[tuple[Polynomial, ...], Goal]]) -> Formula:
    formulas = [scalar_formula(exact(g.rate)) for _, g in cases if isinstance(g, Contraction)]
    if len(formulas) == 1:
        return Formula(f"ρ = {formulas[0].text}", rf"\rho = {formulas[0].latex}")
    parameters = list(problem.method.parameters())
    texts, texs = [], []
    for (conditions, _), formula in zip(cases, formulas, strict=True):
        where = [condition_formula(c, parameters) for c in conditions]
        texts.append(f"{formula.text} if {' and '.join(w.text for w in where)}")
        texs.append(rf"{formula.latex} & \text{{if }} {', '.join(w.latex for w in where)}")
    head = ""
    if _is_maximum(problem, cases):
        head = f"max{{{', '.join(dict.fromkeys(f.text for f in formulas))}}}: "
    return Formula(f"ρ = {head}" + "; ".join(texts), r"\rho = \begin{cases}" + r" \\ ".join(texs) + r"\end{cases}")


def _is_maximum(problem: Problem, cases: list[tuple[tuple[Polynomial, ...], Goal]]) -> bool:
    """Whether each case's rate is proved to be the largest of all on its own part of the domain."""
    facts = tuple(problem.trace.facts.values())
    for conditions, goal in cases:
        signs = Signs((*facts, *case_facts(conditions)))
        for _, other in cases:
            if isinstance(goal, Contraction) and isinstance(other, Contraction):
                difference = exact(goal.rate) - exact(other.rate)
                if signs.nonnegative(problem.trace.cleared(difference)) is None:
                    return False
    return True
