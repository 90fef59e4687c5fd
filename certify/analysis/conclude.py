"""From proved one-step inequalities to what users ask: admissible steps, rate, N-step bound, iterations to ε."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy as sp

from certify.analysis.formulas import condition_formula, expression_formula, expression_text, latex, scalar_formula
from certify.analysis.results import Formula
from certify.kernel import Certificate, Fact, Polynomial
from certify.language.goals import Contraction, FiniteDecrease, Goal, Monotone, Potential, ProductDecrease, Telescoping
from certify.language.problems import Problem
from certify.language.rings import factor
from certify.language.scalar import Scalar
from certify.prove import recursions
from certify.prove.prover import Proved, strictly_positive
from certify.prove.recursions import Conclusion
from certify.prove.signs import Signs
from certify.prove.symbolic import to_sympy

R, DELTA, G0 = sp.Symbol("R", positive=True), sp.Symbol("Delta_0", positive=True), sp.Symbol("G_0", positive=True)
RHO = sp.Symbol("rho", positive=True)


class NoProgress(ValueError):
    """The one-step inequality was proved, but the recursion gets nowhere (a rate of at least 1, or one that varies)."""


@dataclass(frozen=True)
class Consequences:
    """Everything that follows from the one-step inequality; `strict` are further certificates (rate < 1)."""

    step_size: Formula | None
    rate: Formula | None
    optimal: Formula | None
    bound: Formula | None
    complexity: Formula | None
    conclusion: Conclusion
    strict: tuple[Certificate, ...] = ()


def conclude(proved: Proved) -> Consequences:
    """Apply the goal's recursion lemma; raises `NoProgress` if it gives no bound at these parameters."""
    problem, cases = proved.problem, proved.goals()
    goal = cases[0][1]
    _steady(problem, cases)
    admissible, certificates = _admissible(problem, cases)
    step_size = _step_size(problem, admissible)
    if isinstance(goal, Contraction):
        return _contraction(problem, cases, step_size, certificates)
    if isinstance(goal, Telescoping):
        return _telescoping(problem, goal, step_size, certificates)
    if isinstance(goal, FiniteDecrease):
        amount, initial = _plain(goal.amount), _plain(goal.before)
        end = recursions.finite_decrease(amount, initial)
        bound = _formula("x_N is optimal for N ≥ ", r"x_N \text{ is optimal for } N \ge ", end.complexity)
        rate = _formula("decrease ≥ ", r"\text{decrease} \ge ", amount)
        return Consequences(step_size, rate, None, bound, _count(end.complexity), end)
    if isinstance(goal, Potential):
        return _potential(problem, goal, step_size)
    if isinstance(goal, ProductDecrease):
        return _product(problem, goal, step_size)
    if isinstance(goal, Monotone):
        measure = problem.theorem.measure
        bound = Formula(
            f"{measure.text.format(x='x_N')} ≤ {measure.text.format(x='x₀')}",
            rf"{_at(measure.latex, 'x_N')} \le {_at(measure.latex, 'x_0')}",
        )
        return Consequences(step_size, None, None, bound, None, Conclusion("monotone", None, None, "a⁺ ≤ a ⇒ a_N ≤ a₀"))
    raise TypeError(f"no lemma for {type(goal).__name__}")


def _steady(problem: Problem, cases: list[tuple[tuple[Polynomial, ...], Goal]]) -> None:
    """Refuse numbers that change from step to step, or from case to case where one is reported: lemmas need one."""
    allowed = _parameters(problem)
    for conditions, goal in cases:
        names = ("error", "weights", "final_weight", "amount", "step", "rate")
        found = [getattr(goal, n, None) for n in names if n != "rate" or not getattr(goal, "uniform", None)]
        numbers = [_scalar(v) for f in found for v in (f if isinstance(f, tuple) else (f,)) if v is not None]
        if any(v.variables - allowed for v in (*conditions, *numbers)):
            raise NoProgress("the one-step inequality holds, but with numbers that change from step to step")
    if len(cases) > 1 and not isinstance(cases[0][1], Contraction):
        raise NoProgress("the one-step inequality holds, but with different weights in different ranges of parameters")


def _parameters(problem: Problem) -> frozenset[str]:
    """The names that mean the same number at every step."""
    owners = (problem.method, *problem.assumptions)
    return frozenset().union(*(_scalar(o.value_of(p)).variables for o in owners for p in o.parameters().values()))


def _contraction(
    problem: Problem,
    cases: list[tuple[tuple[Polynomial, ...], Goal]],
    step_size: Formula | None,
    strict: tuple[Certificate, ...],
) -> Consequences:
    goals = [g for _, g in cases if isinstance(g, Contraction)]
    measure = problem.theorem.measure
    initial = _plain(goals[0].before)
    uniform = goals[0].uniform
    if uniform is not None:
        varying = _scalar(uniform(Scalar.variable("R")))
        formula = scalar_formula(varying)
        rate = Formula(f"ρ = {formula.text} with R = ‖x₀ − x⋆‖", rf"\rho = {formula.latex}")
    else:
        rate = _rate(problem, cases)
    end = recursions.contraction(RHO, initial, _plain(goals[0].error))
    bound = Formula(
        f"{measure.text.format(x='x_N')} ≤ ρᴺ·{expression_text(initial)}",
        rf"{_at(measure.latex, 'x_N')} \le \rho^{{N}} {latex(initial)}",
    )
    return Consequences(step_size, rate, _optimal_rate(problem, cases), bound, _count(end.complexity), end, strict)


def _rate(problem: Problem, cases: list[tuple[tuple[Polynomial, ...], Goal]]) -> Formula:
    formulas = [scalar_formula(_scalar(g.rate)) for _, g in cases if isinstance(g, Contraction)]
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
        head = f"max{{{', '.join(f.text for f in formulas)}}}: "
    return Formula(f"ρ = {head}" + "; ".join(texts), r"\rho = \begin{cases}" + r" \\ ".join(texs) + r"\end{cases}")


def _is_maximum(problem: Problem, cases: list[tuple[tuple[Polynomial, ...], Goal]]) -> bool:
    """Whether each case's rate is proved to be the largest of all on its own part of the domain."""
    facts = tuple(problem.trace.facts.values())
    for conditions, goal in cases:
        signs = Signs((*facts, *(Fact(f"case[{i}]", c) for i, c in enumerate(conditions))))
        for _, other in cases:
            if isinstance(goal, Contraction) and isinstance(other, Contraction):
                difference = _scalar(goal.rate) - _scalar(other.rate)
                if signs.nonnegative(problem.trace.cleared(difference)) is None:
                    return False
    return True


def _optimal_rate(problem: Problem, cases: list[tuple[tuple[Polynomial, ...], Goal]]) -> Formula | None:
    """The best value of the method's first parameter: where two cases meet, the lower falling and the upper rising."""
    parameters = [s for s in problem.method.parameters() if s not in problem.method.values]
    if len(cases) != 2 or not parameters or len(cases[0][0]) != 1:
        return None
    name = parameters[0]
    unknown = sp.Symbol(name, positive=True)
    meeting = [r for r in sp.solve(_positive(to_sympy(cases[0][0][0])), unknown) if r.is_positive]
    if len(meeting) != 1:
        return None
    rates = [_positive(to_sympy(_scalar(g.rate))) for _, g in cases if isinstance(g, Contraction)]
    point = _sample(problem, unknown)
    slopes = [float(sp.diff(r, unknown).subs(unknown, meeting[0]).subs(point)) for r in rates]
    if slopes[0] * slopes[1] >= 0:
        return None
    best = sp.factor(sp.simplify(rates[0].subs(unknown, meeting[0])))
    text = f"{expression_text(unknown)} = {expression_text(sp.simplify(meeting[0]))} gives ρ = {expression_text(best)}"
    return Formula(text, rf"{latex(unknown)} = {latex(sp.simplify(meeting[0]))},\quad \rho = {latex(best)}")


def _telescoping(
    problem: Problem, goal: Telescoping, step_size: Formula | None, strict: tuple[Certificate, ...]
) -> Consequences:
    measure = problem.theorem.measure
    weight = sum((_plain(w) for w in goal.weights or ()), sp.Integer(0))
    end = recursions.telescoping(
        sp.factor(weight), _plain(goal.before), sp.factor(_plain(goal.error)), _plain(goal.final_weight)
    )
    point, tex = ("x_N", "x_N") if goal.last else ("x_k", "x_k")
    head, head_tex = ("", "") if goal.last else ("min ", r"\min_{k} ")
    bound_value = sp.simplify(end.bound) if goal.final_weight == 0 else sp.factor(end.bound)
    bound = Formula(
        f"{head}{measure.text.format(x=point)} ≤ {expression_text(bound_value)}",
        rf"{head_tex}{_at(measure.latex, tex)} \le {latex(bound_value)}",
    )
    rate = _formula("weight ", r"\text{weight } ", sp.factor(weight), " a step")
    return Consequences(
        step_size, rate, _optimal_bound(problem, bound_value), bound, _count(end.complexity), end, strict
    )


def _potential(problem: Problem, goal: Potential, step_size: Formula | None) -> Consequences:
    measure = problem.theorem.measure
    least = goal.tick if goal.least_tick is None else goal.least_tick
    left = Scalar.variable("N") * least - goal.tick  # at the start the clock is 0 and S = N · least
    scale, initial = (
        _scalar(v).substitute({"m": left}).substitute({"k": Scalar.constant(0)}) for v in (goal.scale, goal.initial)
    )
    if scale.variables - _parameters(problem) - {"N"}:
        raise NoProgress("the one-step inequality holds, but its scale changes from step to step")
    end = recursions.potential(_plain(scale), _plain(initial))
    value = sp.factor(end.bound)
    bound = Formula(
        f"{measure.text.format(x='x_N')} ≤ {expression_text(value)}", rf"{_at(measure.latex, 'x_N')} \le {latex(value)}"
    )
    rate = _formula("", "", sp.factor(value))
    return Consequences(step_size, rate, None, bound, _count(end.complexity), end)


def _product(problem: Problem, goal: ProductDecrease, step_size: Formula | None) -> Consequences:
    measure = problem.theorem.measure
    end = recursions.product_decrease(_plain(goal.step), R, _plain(goal.before))
    bound = Formula(
        f"{measure.text.format(x='x_N')} ≤ {expression_text(end.bound)}",
        rf"{_at(measure.latex, 'x_N')} \le {latex(end.bound)}",
    )
    rate = scalar_formula(_scalar(1 - goal.step / goal.distance))
    return Consequences(step_size, rate, None, bound, _count(end.complexity), end)


def _optimal_bound(problem: Problem, bound: Any) -> Formula | None:
    """The value of the method's free parameter that minimises the N-step bound, if it is stationary there."""
    parameters = [s for s in problem.method.parameters() if s not in problem.method.values]
    if not parameters:
        return None
    unknown = sp.Symbol(parameters[0], positive=True)
    if unknown not in bound.free_symbols:
        return None
    point = _sample(problem, unknown) | {recursions.N: 10}
    for root in sp.solve(sp.numer(sp.together(sp.diff(bound, unknown))), unknown):
        if not root.is_positive or not _in_range(problem, unknown, root, point):
            continue
        if float(sp.diff(bound, unknown, 2).subs(unknown, root).subs(point)) > 0:
            best = sp.simplify(bound.subs(unknown, root))
            return Formula(
                f"{expression_text(unknown)} = {expression_text(root)} gives {expression_text(best)}",
                rf"{latex(unknown)} = {latex(root)},\quad {latex(best)}",
            )
    return None


def _in_range(problem: Problem, unknown: Any, root: Any, point: dict[Any, Any]) -> bool:
    """Whether a step size satisfies the theorem's conditions (at sample values of the other quantities)."""
    conditions = [_positive(to_sympy(problem.trace.facts[n].polynomial)) for n in problem.conditions]
    values = [c.subs(unknown, root).subs(point) for c in conditions]
    return all(v.is_number and v >= 0 for v in values)


def _admissible(
    problem: Problem, cases: list[tuple[tuple[Polynomial, ...], Goal]]
) -> tuple[list[tuple[Polynomial, bool]], tuple[Certificate, ...]]:
    """Conditions under which a derived rate is below 1 (a derived weight above 0), certified strictly."""
    found: list[tuple[Polynomial, bool]] = []
    certificates = []
    for conditions, goal in cases:
        progress = _progress(goal)
        if progress is None:
            continue
        facts = [Fact(f"case[{i}]", c) for i, c in enumerate(conditions)]
        signs = Signs((*problem.trace.facts.values(), *facts))
        needed = []
        for base, exponent in factor(progress.numerator)[1]:
            oriented = -base if signs.nonnegative(base) is None and signs.nonnegative(-base) is not None else base
            known = signs.nonnegative(oriented)
            if exponent % 2 and (known is None or not signs.is_strict(known)):
                needed.append(oriented)
        extra = [Fact(f"admissible[{i}]", p, strict=True) for i, p in enumerate(needed)]
        certificate = strictly_positive(problem, progress, facts)
        if certificate is not None:
            certificates.append(certificate)
            continue
        certificate = strictly_positive(problem, progress, (*facts, *extra))
        if certificate is None:
            word = {Contraction: "rate", FiniteDecrease: "decrease"}.get(type(goal), "weight")
            value = scalar_formula(1 - progress if isinstance(goal, Contraction) else progress).text
            raise NoProgress(f"the one-step inequality holds, but its {word} {value} guarantees no progress")
        certificates.append(certificate)
        found += [(p, True) for p in needed if (p, True) not in found]
    return found, tuple(certificates)


def _progress(goal: Goal) -> Scalar | None:
    """What must be positive for the recursion to get anywhere: 1 − rate, the sum of the weights, or the decrease."""
    if isinstance(goal, Contraction) and goal.uniform is None:
        return 1 - _scalar(goal.rate)
    if isinstance(goal, FiniteDecrease):
        return _scalar(goal.amount)
    if isinstance(goal, Telescoping):
        return sum((_scalar(w) for w in goal.weights or ()), Scalar.constant(0))
    return None


def _step_size(problem: Problem, admissible: list[tuple[Polynomial, bool]]) -> Formula | None:
    """The admissible range of the method's parameters, e.g. 0 < γ < 2/L."""
    free = [s for s in problem.method.parameters() if s not in problem.method.values]
    strict = {p for p, _ in admissible}
    own = [problem.trace.facts[n] for n in problem.conditions]
    conditions = [(f.polynomial, f.strict) for f in own if f.polynomial not in strict]
    formulas = [condition_formula(p, free, strict=s) for p, s in (*admissible, *conditions)]
    uppers = list(formulas)
    pieces, texs = [], []
    for name in free:
        symbol = expression_formula(sp.Symbol(name))
        bounds = [f for f in uppers if f.text.startswith((f"{symbol.text} <", f"{symbol.text} ≤"))]
        lower = [f for f in uppers if f.text.startswith((f"{symbol.text} >", f"{symbol.text} ≥"))]
        if len(bounds) == 1 and not lower:
            pieces.append(f"0 < {bounds[0].text}")
            texs.append(f"0 < {bounds[0].latex}")
            uppers.remove(bounds[0])
        elif not lower:
            pieces.append(f"{symbol.text} > 0")
            texs.append(f"{symbol.latex} > 0")
    pieces += [f.text for f in uppers]
    texs += [f.latex for f in uppers]
    return Formula(", ".join(pieces), r",\ ".join(texs)) if pieces else None


def _plain(value: Any) -> Any:
    """A scalar in SymPy with R = ‖x₀ − x⋆‖, Δ₀ = f(x₀) − f⋆ and G₀ = ‖g₀‖."""
    expression = to_sympy(_scalar(value))
    minimum = sp.Symbol("f⋆", real=True)
    known = {"<x0-x⋆,x0-x⋆>": R**2, "f0": DELTA + minimum, "|g0|": G0, "|x0-x⋆|": R}
    return _positive(
        sp.expand(expression.subs({sp.Symbol(n, real=True): v for n, v in known.items()}))
        if expression.has(minimum)
        else expression.subs({sp.Symbol(n, real=True): v for n, v in known.items()})
    )


def _positive(expression: Any) -> Any:
    """The same expression with positive symbols, and N the number of steps."""
    symbols = {s: recursions.N if s.name == "N" else sp.Symbol(s.name, positive=True) for s in expression.free_symbols}
    return expression.subs(symbols)


def _scalar(value: Any) -> Scalar:
    return Scalar.constant(1) * value


def _sample(problem: Problem, unknown: Any) -> dict[Any, Any]:
    """Numbers for all other quantities, with L > μ."""
    values = {"mu": sp.Rational(1, 3), "L": sp.Integer(2)}
    names = {s for a in problem.assumptions for s in a.parameters()} | {"R", "Delta_0", "G_0", "t"}
    return {sp.Symbol(n, positive=True): values.get(n, sp.Rational(3, 2)) for n in names if n != unknown.name}


def _count(steps: Any) -> Formula | None:
    if steps is None:
        return None
    return _formula("N ≥ ", r"N \ge ", steps)


def _formula(before: str, tex: str, expression: Any, after: str = "") -> Formula:
    formula = expression_formula(expression)
    return Formula(before + formula.text + after, tex + formula.latex)


def _at(template: str, point: str) -> str:
    return template.replace("{x}", point)
