"""The tree of a formula: numbers, names, quantities such as ‖x₀ − x⋆‖, sums, products, powers and a few functions.

Nothing here computes: trees are evaluated at rational numbers by `intervals`, and turned into polynomials by `symbols`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction

FUNCTIONS = {"sqrt": 1, "exp": 1, "log": 1, "log2": 1, "max": 2, "min": 2, "sum": 1, "largest": 1}
"""Functions by name and how many arguments they need at least; ``log`` is the natural logarithm.

``sum`` and ``largest`` are over the layers of a space."""

MINIMUM = "fstar"
"""The name of f⋆."""


@dataclass(frozen=True)
class Number:
    """An exact rational number."""

    value: Fraction


@dataclass(frozen=True)
class Name:
    """A parameter, N, ε, or one of the quantities in `QUANTITIES`."""

    name: str


@dataclass(frozen=True)
class Quantity:
    """Something measured at a point: ``value`` f(x), ``distance`` ‖x − x⋆‖ or ``gradient`` ‖∇f(x)‖.

    Or ``operator`` ‖A(x)‖, ``residual`` ‖x − T(x)‖, with the operator's `letter`, and ``step``, the distance to the
    iterate before. `at` is ``0``, ``N``, ``k``, ``k+1`` or ``mean`` (the average iterate).
    """

    what: str
    at: str
    letter: str = ""


@dataclass(frozen=True)
class Sum:
    """left + right."""

    left: Formula
    right: Formula


@dataclass(frozen=True)
class Product:
    """left · right."""

    left: Formula
    right: Formula


@dataclass(frozen=True)
class Quotient:
    """left / right."""

    left: Formula
    right: Formula


@dataclass(frozen=True)
class Power:
    """base ^ exponent."""

    base: Formula
    exponent: Formula


@dataclass(frozen=True)
class Call:
    """A function of `FUNCTIONS`."""

    function: str
    arguments: tuple[Formula, ...]


Formula = Number | Name | Quantity | Sum | Product | Quotient | Power | Call

ZERO, ONE, TWO = (Number(Fraction(i)) for i in range(3))
MINUS = Number(Fraction(-1))


def negative(formula: Formula) -> Formula:
    """−formula."""
    return Number(-formula.value) if isinstance(formula, Number) else Product(MINUS, formula)


def difference(left: Formula, right: Formula) -> Formula:
    """left − right."""
    return Sum(left, negative(right))


def parts(formula: Formula) -> tuple[Formula, ...]:
    """The formulas that this one is made of."""
    match formula:
        case Sum(a, b) | Product(a, b) | Quotient(a, b) | Power(a, b):
            return a, b
        case Call(_, arguments):
            return arguments
        case _:
            return ()


def walk(formula: Formula) -> Iterator[Formula]:
    """The formula and everything in it."""
    waiting = [formula]
    while waiting:
        found = waiting.pop()
        yield found
        waiting += parts(found)


def names(formula: Formula) -> frozenset[str]:
    """All names that occur."""
    return frozenset(p.name for p in walk(formula) if isinstance(p, Name))


def quantities(formula: Formula) -> frozenset[Quantity]:
    """All quantities at points that occur."""
    return frozenset(p for p in walk(formula) if isinstance(p, Quantity))


def replaced(formula: Formula, change: Callable[[Formula], Formula | None]) -> Formula:
    """The formula with every part for which `change` gives something replaced by that, from the leaves up."""
    match formula:
        case Sum(a, b) | Product(a, b) | Quotient(a, b) | Power(a, b):
            formula = type(formula)(replaced(a, change), replaced(b, change))
        case Call(function, arguments):
            formula = Call(function, tuple(replaced(a, change) for a in arguments))
        case _:
            pass
    return change(formula) or formula


def substituted(formula: Formula, values: dict[str, Formula]) -> Formula:
    """The formula with names replaced."""
    return replaced(formula, lambda f: values.get(f.name) if isinstance(f, Name) else None)
