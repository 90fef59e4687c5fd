"""Scalars as SymPy expressions in the quantities of a bound: R = ‖x₀ − x⋆‖, Δ₀ = f(x₀) − f⋆, G₀ = ‖g₀‖, ρ and N."""

from __future__ import annotations

from typing import Any

import sympy as sp

from certify.language.problems import Problem
from certify.language.scalar import exact
from certify.prove import recursions
from certify.prove.symbolic import to_sympy

R, DELTA, G0 = sp.Symbol("R", positive=True), sp.Symbol("Delta_0", positive=True), sp.Symbol("G_0", positive=True)
RHO = sp.Symbol("rho", positive=True)


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
