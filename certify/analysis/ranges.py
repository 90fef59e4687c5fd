"""Where a proved one-step inequality gets anywhere: the admissible range of the parameters, certified strictly."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import sympy as sp

from certify.analysis.formulas import condition_formula, expression_formula, scalar_formula
from certify.analysis.quantities import positive
from certify.analysis.results import Formula
from certify.kernel import Certificate, Fact, Polynomial
from certify.language.energy_goals import Energy
from certify.language.goals import (
    Contraction,
    FiniteContraction,
    FiniteDecrease,
    Goal,
    Potential,
    ProductDecrease,
    Telescoping,
)
from certify.language.parameters import Share
from certify.language.problems import Problem
from certify.language.rings import factor
from certify.language.scalar import Scalar, exact
from certify.language.text import EACH
from certify.language.varying_goals import Averaging, DominatedDecrease, SaturatingDecrease, SelfScaled
from certify.prove.closed_forms import case_facts
from certify.prove.prover import strictly_positive
from certify.prove.signs import Signs
from certify.prove.symbolic import to_sympy

LONG = 6
"""A condition of so many terms is long."""


class NoProgress(ValueError):
    """The one-step inequality was proved, but the recursion gets nowhere (a rate of at least 1, or one that varies)."""


def admissible_conditions(
    problem: Problem, cases: list[tuple[tuple[Polynomial, ...], Goal]]
) -> tuple[list[Polynomial], tuple[Certificate, ...]]:
    """Conditions under which a derived rate is below 1 (a derived weight above 0), certified strictly."""
    found: list[Polynomial] = []
    certificates = []
    for conditions, goal, progress in ((c, g, p) for c, g in cases for p in _progress(g)):
        facts = case_facts(conditions)
        if (certificate := strictly_positive(problem, progress, facts)) is not None:
            certificates.append(certificate)
            continue
        signs = Signs((*problem.trace.facts.values(), *facts))
        needed = []
        for base, exponent in factor(progress.numerator)[1]:
            oriented = -base if signs.nonnegative(base) is None and signs.nonnegative(-base) is not None else base
            known = signs.nonnegative(oriented)
            if exponent % 2 and (known is None or not signs.is_strict(known)):
                needed.append(oriented)
        extra = [Fact(f"admissible[{i}]", p, strict=True) for i, p in enumerate(needed)]
        certificate = strictly_positive(problem, progress, (*facts, *extra))
        if certificate is None:
            words = {Contraction: "rate", Telescoping: "weight", Potential: "scale", Energy: "scale"}
            word = words.get(type(goal), "decrease")
            value = scalar_formula(1 - progress if isinstance(goal, Contraction) else progress).text
            raise NoProgress(f"the one-step inequality holds, but its {word} {value} guarantees no progress")
        certificates.append(certificate)
        found += [p for p in needed if p not in found]
    return found, tuple(certificates)


def _progress(goal: Goal) -> tuple[Scalar, ...]:
    """What must be positive for the recursion to get anywhere: 1 − rate, the decrease, the scale or all weights."""
    if isinstance(goal, FiniteContraction):
        return 1 - exact(goal.rate), exact(goal.least), exact(goal.excess) - 1
    if isinstance(goal, Contraction) and goal.uniform is None:
        return (1 - exact(goal.rate),)
    if isinstance(goal, FiniteDecrease):
        return (exact(goal.amount),)
    if isinstance(goal, ProductDecrease):
        return (exact(goal.step),)
    if isinstance(goal, Averaging):
        return (exact(goal.total(goal.clock + 1)),)
    if isinstance(goal, Energy):
        return (exact(goal.scale(goal.clock + 1)),)
    if isinstance(goal, DominatedDecrease):
        return (exact(goal.weight) * exact(goal.modulus),)
    if isinstance(goal, SaturatingDecrease):
        return (exact(goal.weight),)
    if isinstance(goal, Potential):
        return (exact(goal.scale),)
    if isinstance(goal, SelfScaled):
        return (exact(goal.weight),)
    if isinstance(goal, Telescoping):
        return (sum((exact(w) for w in goal.weights or ()), Scalar.constant(0)),)
    return ()


def admissible_range(problem: Problem, admissible: list[Polynomial], goal: Goal | None = None) -> Formula | None:
    """The admissible range of the method's parameters, e.g. 0 < γ < 2/L; `admissible` are strict conditions.

    What has one value for each layer has the index i; a long condition that says that the rate of the goal is less
    than 1 reads ρ < 1. Parameters for which the theorem asks for one value have it here.
    """
    layered = problem.trace.layered
    free = {
        s + EACH if s in layered else s: p
        for s, p in problem.method.parameters().items()
        if s not in problem.method.values
    }
    own = [problem.trace.facts[n] for n in problem.conditions]
    conditions = [(p, True) for p in admissible]
    conditions += [(f.polynomial, f.strict) for f in own if f.polynomial not in admissible]
    uppers = [
        _short(problem, p, goal) or condition_formula(_indexed(p, layered), list(free), strict=strict)
        for p, strict in conditions
    ]
    pieces, texs = [], []
    for name, parameter in free.items():
        symbol = expression_formula(sp.Symbol(name))
        above, command, below, turned = ("<", "<", ">", ">") if parameter.strict else ("≤", r"\le", "≥", r"\ge")
        bounds = [f for f in uppers if f.text.startswith((f"{symbol.text} <", f"{symbol.text} ≤"))]
        lower = [f for f in uppers if f.text.startswith((f"{symbol.text} >", f"{symbol.text} ≥"))]
        if len(bounds) == 1 and not lower:
            pieces.append(f"0 {above} {bounds[0].text}")
            texs.append(rf"0 {command} {bounds[0].latex}")
            uppers.remove(bounds[0])
        elif len(bounds) == len(lower) == 1:
            chained = _chained(symbol, lower[0], bounds[0])
            pieces.append(chained.text)
            texs.append(chained.latex)
            uppers = [f for f in uppers if f not in (lower[0], bounds[0])]
        elif not lower and isinstance(parameter, Share):
            pieces.append(f"0 {above} {symbol.text} < 1")
            texs.append(rf"0 {command} {symbol.latex} < 1")
        elif not lower:
            pieces.append(f"{symbol.text} {below} 0")
            texs.append(rf"{symbol.latex} {turned} 0")
    fixed = [(expression_formula(sp.Symbol(s)), expression_formula(sp.Rational(v))) for s, v in problem.theorem.at]
    pieces += [f.text for f in uppers] + [f"{symbol.text} = {value.text}" for symbol, value in fixed]
    texs += [f.latex for f in uppers] + [f"{symbol.latex} = {value.latex}" for symbol, value in fixed]
    return Formula(", ".join(pieces), r",\ ".join(texs)) if pieces else None


def _short(problem: Problem, condition: Polynomial, goal: Goal | None) -> Formula | None:
    """ρ < 1 for a long condition that is the numerator of 1 − ρ, where the denominator is known to be positive."""
    if not isinstance(goal, Contraction) or goal.uniform is not None or len(condition.terms) < LONG:
        return None
    below = 1 - exact(goal.rate)
    top = below.numerator
    signs = Signs(tuple(problem.trace.facts.values()))
    known = [signs.nonnegative(base) for base, exponent in below.denominators if exponent % 2]
    if any(sign is None or not signs.is_strict(sign) for sign in known) or condition.terms.keys() != top.terms.keys():
        return None
    ratio = {top.terms[monomial] / coefficient for monomial, coefficient in condition}
    return Formula("ρ < 1", r"\rho < 1") if len(ratio) == 1 and min(ratio) > 0 else None


def _indexed(polynomial: Polynomial, layered: Collection[str]) -> Polynomial:
    """The same with the index i at what has one value for each layer."""
    if not polynomial.variables & set(layered):
        return polynomial
    return Polynomial(
        {tuple(sorted((n + EACH if n in layered else n, e) for n, e in monomial)): c for monomial, c in polynomial}
    )


def _chained(symbol: Formula, lower: Formula, upper: Formula) -> Formula:
    """γ ≥ a and γ ≤ b in one line: a ≤ γ ≤ b."""
    relation, bound = lower.text.removeprefix(f"{symbol.text} ").split(" ", 1)
    below, command = ("<", "<") if relation == ">" else ("≤", r"\le")
    tex = lower.latex.removeprefix(symbol.latex).strip().split(" ", 1)[1]
    return Formula(f"{bound} {below} {upper.text}", f"{tex} {command} {upper.latex}")


def in_range(problem: Problem, unknown: Any, root: Any, point: dict[Any, Any]) -> bool:
    """Whether a step size satisfies the theorem's conditions (at sample values of the other quantities)."""
    conditions = [positive(to_sympy(problem.trace.facts[n].polynomial)) for n in problem.conditions]
    values = [c.subs(unknown, root).subs(point) for c in conditions]
    return all(v.is_number and v >= 0 for v in values)


def conditional(problem: Problem, unknown: Any, root: Any) -> Formula | None:
    """The theorem's conditions that a step size satisfies for some values of the other quantities only."""
    free = [s for s in problem.method.parameters() if s not in problem.method.values]
    found = []
    for fact in (problem.trace.facts[n] for n in problem.conditions):
        left = positive(to_sympy(fact.polynomial))
        value = sp.factor(sp.simplify(left.subs(unknown, root)))
        certain = value.is_positive or (value.is_nonnegative and not fact.strict)
        if unknown in left.free_symbols and not certain:
            found.append(condition_formula(fact.polynomial, free, strict=fact.strict))
    return Formula(", ".join(f.text for f in found), r",\ ".join(f.latex for f in found)) if found else None
