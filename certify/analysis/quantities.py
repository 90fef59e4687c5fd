"""Scalars as SymPy expressions in the quantities of a bound: R = ‖x₀ − x⋆‖, Δ₀ = f(x₀) − f⋆, G₀ = ‖g₀‖, ρ and N."""

from __future__ import annotations

from typing import Any

import sympy as sp

from certify.analysis.formulas import name_latex
from certify.analysis.results import Formula
from certify.kernel import Polynomial
from certify.language.problems import Problem
from certify.language.scalar import Scalar, exact
from certify.language.text import name_text
from certify.prove import recursions
from certify.prove.symbolic import to_sympy

R, DELTA, G0 = sp.Symbol("R", positive=True), sp.Symbol("Delta_0", positive=True), sp.Symbol("G_0", positive=True)
RHO = sp.Symbol("rho", positive=True)
Q, GAP = sp.symbols("q delta", positive=True)


def plain(value: Any) -> Any:
    """A scalar in SymPy with R = ‖x₀ − x⋆‖, Δ₀ = f(x₀) − f⋆ and G₀ = ‖g₀‖."""
    expression = to_sympy(exact(value))
    minimum = sp.Symbol("f⋆", real=True)
    known = {"<x0-x⋆,x0-x⋆>": R**2, "f0": DELTA + minimum, "|g0|": G0, "|x0-x⋆|": R}
    return positive(
        sp.expand(expression.subs({sp.Symbol(n, real=True): v for n, v in known.items()}))
        if expression.has(minimum)
        else expression.subs({sp.Symbol(n, real=True): v for n, v in known.items()})
    )


def positive(expression: Any) -> Any:
    """The same expression with positive symbols, and N the number of steps."""
    symbols = {s: recursions.N if s.name == "N" else sp.Symbol(s.name, positive=True) for s in expression.free_symbols}
    return expression.subs(symbols)


def sample(problem: Problem, unknown: Any) -> dict[Any, Any]:
    """Numbers for all other quantities, with L > μ."""
    values = {"mu": sp.Rational(1, 3), "L": sp.Integer(2)}
    names = {s for a in problem.assumptions for s in a.parameters()} | {"R", "Delta_0", "G_0", "t"}
    return {sp.Symbol(n, positive=True): values.get(n, sp.Rational(3, 2)) for n in names if n != unknown.name}


def is_steady(problem: Problem, value: Scalar | Polynomial) -> bool:
    """Whether a quantity is made of names that mean the same number at every step."""
    allowed = steady_names(problem)
    return all(problem.trace.consists_of(n, allowed) for n in value.variables)


def initial_value(problem: Problem) -> Scalar:
    """V₀: at the start the clock is 0, and N − 1 steps are left after the first."""
    initial = exact(problem.initial)
    if not problem.theorem.indexed:
        return initial
    return initial.substitute({"m": Scalar.variable("N") - 1 - Scalar.variable("k")}).substitute(
        {"k": Scalar.constant(0)}
    )


def steady_names(problem: Problem) -> frozenset[str]:
    """The names that mean the same number at every step."""
    owners = (problem.method, *problem.assumptions)
    names = frozenset().union(*(exact(o.value_of(p)).variables for o in owners for p in o.parameters().values()))
    return names.difference(problem.method.changing())


def sum_of_steps(total: str, tick: Scalar) -> Formula:
    """S = γ_0 + … + γ_{N−1} in words, for a tick that is one parameter; else for the ticks as such."""
    name = next((n for n in tick.variables if tick == Scalar.variable(n)), "tau")
    text, tex = name_text(name), name_latex(name)
    return Formula(f"{total} = {text}₀ + … + {text}_(N−1)", rf"{total} = {tex}_0 + \dots + {tex}_{{N-1}}")
