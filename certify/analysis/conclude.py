"""From proved one-step inequalities to what users ask: admissible steps, rate, N-step bound, iterations to ε."""

from __future__ import annotations

from dataclasses import replace

import sympy as sp

from certify.analysis import phrases
from certify.analysis.consequences import Consequences
from certify.analysis.contractions import contraction, finite_contraction
from certify.analysis.formulas import (
    added,
    condition_formula,
    expression_formula,
    expression_text,
    latex,
    scalar_formula,
)
from certify.analysis.optima import optimal_bound
from certify.analysis.quantities import GAP, Q, initial_value, is_steady, plain, steady_names, sum_of_steps
from certify.analysis.ranges import NoProgress, admissible_conditions, admissible_range
from certify.analysis.results import Formula
from certify.kernel import Certificate, Polynomial
from certify.language.energy_goals import Energy
from certify.language.goals import (
    Contraction,
    FiniteContraction,
    FiniteDecrease,
    Goal,
    Monotone,
    Potential,
    ProductDecrease,
    Same,
    Telescoping,
)
from certify.language.opaque import argument
from certify.language.problems import Problem
from certify.language.scalar import Scalar, exact
from certify.language.text import name_text
from certify.language.varying_goals import (
    Averaging,
    DominatedDecrease,
    EvenAveraging,
    QuadraticDecrease,
    SaturatingDecrease,
    SelfScaled,
)
from certify.language.vector import Vector
from certify.prove import recursions
from certify.prove.prover import Proved
from certify.prove.recursions import Conclusion
from certify.prove.symbolic import from_sympy

NUMBERS = (
    "error", "weights", "weight", "offset", "slope", "modulus", "final_weight", "amount", "step", "rate", "least",
)  # fmt: skip
"""What lemmas take for one number, the same at every step."""


def conclude(proved: Proved) -> Consequences:
    """Apply the goal's recursion lemma; raises `NoProgress` if it gives no bound at these parameters."""
    ends = _applied(proved)
    facts = proved.problem.trace.facts
    own = [facts[n] for n in proved.problem.conditions]
    changing = [f for f in own if not is_steady(proved.problem, f.polynomial)]
    if ends.bound is None or not changing:
        return ends
    formulas = [condition_formula(f.polynomial, [], strict=f.strict) for f in changing]
    text, tex = ", ".join(f.text for f in formulas), r",\ ".join(f.latex for f in formulas)
    words = f"{ends.bound.text.removesuffix('.')}, as long as {text} at every step"
    if ends.bound.latex == ends.bound.text:  # a sentence
        return replace(ends, bound=Formula(words, words))
    latex = rf"{ends.bound.latex.removesuffix('.')} \text{{ as long as }} {tex} \text{{ at every step}}"
    return replace(ends, bound=Formula(words, latex))


def _applied(proved: Proved) -> Consequences:
    problem, cases = proved.problem, proved.goals()
    goal = cases[0][1]
    conditions, certificates = progress(problem, cases)
    step_size = admissible_range(problem, conditions, goal if len(cases) == 1 else None)
    if isinstance(goal, FiniteContraction):
        return finite_contraction(problem, goal, step_size, certificates)
    if isinstance(goal, Contraction):
        return contraction(problem, cases, step_size, certificates)
    if isinstance(goal, Telescoping):
        return _telescoping(problem, goal, step_size, certificates)
    if isinstance(goal, Energy):
        return replace(_energy(problem, goal, step_size), strict=certificates)
    if isinstance(goal, Averaging):
        return replace(_averaging(problem, goal, step_size), strict=certificates)
    if isinstance(goal, SelfScaled):
        return _self_scaled(problem, goal, step_size, certificates)
    if isinstance(goal, Same):
        words = problem.theorem.statement
        end = Conclusion("identity", None, None, "two formulas for the same step")
        return Consequences(step_size, None, None, Formula(words, words), None, end, certificates)
    if isinstance(goal, FiniteDecrease):
        amount, initial = plain(goal.amount), plain(goal.before)
        end = recursions.finite_decrease(amount, initial)
        bound = phrases.formula("x_N is optimal for N ≥ ", r"x_N \text{ is optimal for } N \ge ", end.complexity)
        rate = phrases.formula("decrease ≥ ", r"\text{decrease} \ge ", amount)
        return Consequences(step_size, rate, None, bound, phrases.count(problem, end.complexity), end, certificates)
    if isinstance(goal, DominatedDecrease):
        return replace(_dominated(problem, goal, step_size), strict=certificates)
    if isinstance(goal, QuadraticDecrease):
        return replace(_quadratic(problem, goal, step_size), strict=certificates)
    if isinstance(goal, SaturatingDecrease):
        return replace(_saturating(problem, goal, step_size), strict=certificates)
    if isinstance(goal, Potential):
        return replace(_potential(problem, goal, step_size), strict=certificates)
    if isinstance(goal, ProductDecrease):
        return replace(_product(problem, goal, step_size), strict=certificates)
    if isinstance(goal, Monotone):
        after, before = phrases.measured(problem, "x_N"), phrases.measured(problem, "x₀")
        bound = Formula(f"{after.text} ≤ {before.text}", rf"{after.latex} \le {before.latex}")
        return Consequences(step_size, None, None, bound, None, Conclusion("monotone", None, None, "a⁺ ≤ a ⇒ a_N ≤ a₀"))
    raise TypeError(f"no lemma for {type(goal).__name__}")


def progress(
    problem: Problem, cases: list[tuple[tuple[Polynomial, ...], Goal]]
) -> tuple[list[Polynomial], tuple[Certificate, ...]]:
    """The conditions under which a lemma applies to the numbers of each case and gets anywhere, and why.

    **Raises:** NoProgress if it does not.
    """
    _steady(problem, cases)
    return admissible_conditions(problem, cases)


def _until_solved(problem: Problem) -> bool:
    """Whether the conditions of a theorem are on parameters, or fail at x⋆ only: ‖x − x⋆‖ > 0."""
    trace, s = problem.trace, problem.function.comparator
    away = [x - s for x in problem.points if isinstance(x, Vector)]
    distances = {n.numerator for v, n in trace.geometry.norms.items() if v in away}
    found = (trace.facts[n] for n in problem.conditions)
    return all(is_steady(problem, f.polynomial) or (f.strict and f.polynomial in distances) for f in found)


def _steady(problem: Problem, cases: list[tuple[tuple[Polynomial, ...], Goal]]) -> None:
    """Refuse numbers that change from step to step, or from case to case where one is reported: lemmas need one."""
    changing = set(problem.method.changing())
    if isinstance(cases[0][1], FiniteDecrease | FiniteContraction) and not _until_solved(problem):
        raise NoProgress(
            "the one-step inequality holds, but its conditions on the iterates may end before the method does"
        )
    for conditions, goal in cases:
        if changing & exact(getattr(goal, "initial", getattr(goal, "before", 0))).variables:
            raise NoProgress("the one-step inequality holds, but what it starts from changes from step to step")
        if isinstance(goal, Averaging | Energy):
            continue
        uniform = None if isinstance(goal, FiniteContraction) else getattr(goal, "uniform", None)
        found = [getattr(goal, n, None) for n in NUMBERS if n != "rate" or uniform is None]
        numbers = [exact(v) for f in found for v in (f if isinstance(f, tuple) else (f,)) if v is not None]
        named = {n for v in (*conditions, *numbers) for n in v.variables}
        named |= set() if uniform is None else exact(uniform(Scalar.variable("R"))).variables - {"R"}
        if not all(problem.trace.consists_of(n, steady_names(problem)) for n in named):
            raise NoProgress("the one-step inequality holds, but with numbers that change from step to step")
    if len(cases) > 1 and not isinstance(cases[0][1], Contraction):
        raise NoProgress("the one-step inequality holds, but with different weights in different ranges of parameters")


def _telescoping(
    problem: Problem, goal: Telescoping, step_size: Formula | None, strict: tuple[Certificate, ...]
) -> Consequences:
    weight = sum((plain(w) for w in goal.weights or ()), sp.Integer(0))
    end = recursions.telescoping(
        sp.factor(weight), plain(initial_value(problem)), sp.factor(plain(goal.error)), plain(goal.final_weight)
    )
    measured = phrases.measured(problem, "x_N" if goal.last else "x_k")
    head, head_tex = ("", "") if goal.last else ("min ", r"\min_{k} ")
    plainly = not exact(goal.final_weight).numerator
    bound_value = sp.simplify(end.bound) if plainly else sp.factor(end.bound)
    shown = expression_formula(bound_value)
    error = plain(goal.error)
    floor = sp.factor(error / weight)
    opaque = any(argument(symbol.name) for symbol in floor.free_symbols)  # logarithms have any sign
    lasting = opaque or not floor.is_nonpositive
    if plainly and lasting:  # what vanishes, and what errors leave
        parts = plain(initial_value(problem)) / (recursions.N * weight), error / weight
        shown = added([expression_formula(sp.factor(part)) for part in parts])
    bound = Formula(f"{head}{measured.text} ≤ {shown.text}", rf"{head_tex}{measured.latex} \le {shown.latex}")
    rate = phrases.formula("weight ", r"\text{weight } ", sp.factor(weight), " a step")
    steps = phrases.count(problem, end.complexity)
    if lasting:  # else the bound is below ε all the more
        steps = phrases.above(problem, steps, expression_formula(floor))
    return Consequences(step_size, rate, optimal_bound(problem, bound_value), bound, steps, end, strict)


def _self_scaled(
    problem: Problem, goal: SelfScaled, step_size: Formula | None, strict: tuple[Certificate, ...]
) -> Consequences:
    scale = getattr(problem.goal if problem.start is None else problem.start.goal, "scale", goal.scale)
    if not is_steady(problem, exact(scale)):
        raise NoProgress("the one-step inequality holds, but the first scale depends on where the method starts")
    end = recursions.self_scaled(plain(goal.weight), plain(problem.initial), plain(scale))
    measured, value = phrases.measured(problem, "x_k"), sp.factor(end.bound)
    bound = Formula(
        f"min {measured.text} ≤ {expression_text(value)}", rf"\min_{{k}} {measured.latex} \le {latex(value)}"
    )
    return Consequences(step_size, None, None, bound, phrases.count(problem, end.complexity), end, strict)


def _averaging(problem: Problem, goal: Averaging, step_size: Formula | None) -> Consequences:
    N = Scalar.variable("N")
    total, spent, initial = exact(goal.total(N)), exact(goal.spent(N)), initial_value(problem)
    allowed = steady_names(problem) | {"N"}
    if not all(problem.trace.consists_of(n, allowed) for n in total.variables | spent.variables):
        raise NoProgress("the one-step inequality holds, but the sums of its weights or errors vary otherwise")
    even = isinstance(goal, EvenAveraging)
    lemma = recursions.even_averaging if even else recursions.averaging
    end = lemma(plain(total), plain(initial), plain(spent))
    measured = phrases.measured(problem, "x_k")
    if any(argument(n) for n in total.variables | spent.variables):
        start = from_sympy(plain(initial))
        value = scalar_formula(((initial if start is None else start) + spent) / total)
    else:
        value = expression_formula(sp.factor(end.bound))
    bound = Formula(
        f"the average of {measured.text} ≤ {value.text}",
        rf"\text{{the average of }} {measured.latex} \le {value.latex}",
    )
    rate = scalar_formula(exact(goal.weight))
    words = Formula(f"weight {rate.text}", rf"\text{{weight }} {rate.latex}")
    return Consequences(step_size, None if even else words, None, bound, None, end)


def _dominated(problem: Problem, goal: DominatedDecrease, step_size: Formula | None) -> Consequences:
    numbers = [plain(v) for v in (goal.weight, goal.offset, goal.slope, goal.modulus, goal.before)]
    end = recursions.dominated_decrease(*numbers)
    after, count = phrases.measured(problem, "x_N"), phrases.count(problem, end.complexity)
    steps, name = count or Formula("", ""), phrases.accuracy(problem)
    bound = Formula(
        f"{after.text} ≤ {name_text(name)} for {steps.text}", rf"{after.latex} \le \{name} \text{{ for }} {steps.latex}"
    )
    weight, offset, slope, modulus, _ = numbers
    decrease = 2 * weight * modulus * GAP / (offset + slope * sp.sqrt(2 * modulus * GAP))
    rate = phrases.formula("decrease ", r"\text{decrease } ", decrease)
    return Consequences(step_size, rate, None, bound, count, end)


def _saturating(problem: Problem, goal: SaturatingDecrease, step_size: Formula | None) -> Consequences:
    weight, offset, slope = (plain(v) for v in (goal.weight, goal.offset, goal.slope))
    end = recursions.saturating_decrease(weight, offset, slope, plain(initial_value(problem)))
    measured = phrases.measured(problem, "x_k")
    bound = Formula(
        f"min {measured.text} ≤ {expression_text(end.bound)}", rf"\min_{{k}} {measured.latex} \le {latex(end.bound)}"
    )
    rate = phrases.formula("decrease ", r"\text{decrease } ", weight * Q**2 / (offset + slope * Q))
    return Consequences(step_size, rate, None, bound, phrases.count(problem, end.complexity), end)


def _quadratic(problem: Problem, goal: QuadraticDecrease, step_size: Formula | None) -> Consequences:
    c = plain(goal.weight) / plain(goal.offset)
    end, after = recursions.quadratic_decrease(c, plain(goal.before)), phrases.measured(problem, "x_N")
    bound = phrases.formula(f"{after.text} ≤ ", rf"{after.latex} \le ", end.bound)
    rate = phrases.formula("decrease ", r"\text{decrease } ", c * GAP**2)
    return Consequences(step_size, rate, None, bound, phrases.count(problem, end.complexity), end)


def _potential(problem: Problem, goal: Potential, step_size: Formula | None) -> Consequences:
    least = exact(goal.tick if goal.least_tick is None else goal.least_tick)
    sizes = least.variables.intersection(problem.method.changing())
    # at the start the clock is 0, and S = N · least; or the sum of all ticks, if they change
    total = next(n for n in ("S", "T", "U") if n not in steady_names(problem)) if sizes else "N"
    horizon = Scalar.variable(total) * (1 if sizes else least)
    scale, initial = (
        exact(v).substitute({"m": horizon - goal.tick}).substitute({"k": Scalar.constant(0)})
        for v in (goal.scale, goal.initial)
    )
    if scale.variables - steady_names(problem) - {total}:
        raise NoProgress("the one-step inequality holds, but its scale changes from step to step")
    end = recursions.potential(plain(scale), plain(initial))
    value = sp.factor(end.bound)
    after = phrases.measured(problem, "x_N")
    bound = Formula(f"{after.text} ≤ {expression_text(value)}", rf"{after.latex} \le {latex(value)}")
    rate = phrases.formula("", "", sp.factor(value))
    if not sizes:
        return Consequences(step_size, rate, None, bound, phrases.count(problem, end.complexity), end)
    words = sum_of_steps(total, least)
    bound = Formula(f"{bound.text}, {words.text}", rf"{bound.latex}, \quad {words.latex}")
    return Consequences(step_size, rate, None, bound, None, end)


def _energy(problem: Problem, goal: Energy, step_size: Formula | None) -> Consequences:
    N = Scalar.variable("N")
    scale, spent, initial = exact(goal.scale(N)), exact(goal.spent(N)), initial_value(problem)
    allowed = steady_names(problem) | {"N"}
    if not all(problem.trace.consists_of(n, allowed) for n in scale.variables | spent.variables):
        raise NoProgress("the one-step inequality holds, but its scale or the sum of its errors varies otherwise")
    end = recursions.energy(plain(scale), plain(initial), plain(spent))
    value, after = sp.factor(end.bound), phrases.measured(problem, "x_N")
    bound = Formula(f"{after.text} ≤ {expression_text(value)}", rf"{after.latex} \le {latex(value)}")
    return Consequences(step_size, None, None, bound, phrases.count(problem, end.complexity), end)


def _product(problem: Problem, goal: ProductDecrease, step_size: Formula | None) -> Consequences:
    after = phrases.measured(problem, "x_N")
    end = recursions.product_decrease(plain(goal.step), plain(goal.distance), plain(goal.before))
    bound = Formula(f"{after.text} ≤ {expression_text(end.bound)}", rf"{after.latex} \le {latex(end.bound)}")
    rate = scalar_formula(exact(1 - goal.step / goal.distance))
    return Consequences(step_size, rate, None, bound, phrases.count(problem, end.complexity), end)
