"""Names of quantities that are functions of others: ``√(1+k)``, ``ln(epsilon+v0)``; the name holds the argument.

The argument is a polynomial, written as a sum of products: ``2×k×M↑2`` is 2kM², and ``⟨a·b⟩`` is the inner product
``<a,b>``. So a name can be read back, and two traces that meet the same function of the same quantities agree on it.
"""

from __future__ import annotations

import re
from fractions import Fraction
from functools import cache

from certify.kernel import Malformed, Monomial, Polynomial

FUNCTIONS = ("√", "ln", "log₂", "⅟")
_NAME = re.compile(rf"({'|'.join(FUNCTIONS)})\((.*)\)")
_NUMBER = re.compile(r"-?\d+(/\d+)?")


def atom_name(function: str, argument: Polynomial) -> str:
    """The name of function(argument)."""
    parts = [_encoded(monomial, coefficient) for monomial, coefficient in sorted(argument.terms.items())]
    return f"{function}({'+'.join(parts) or '0'})"


@cache
def read_atom(name: str) -> tuple[str, Polynomial] | None:
    """The function and the argument that a name stands for; None for other names."""
    match = _NAME.fullmatch(name)
    if match is None:
        return None
    total = Polynomial()
    try:
        for part in split(match[2], "+"):
            term = Polynomial.constant(1)
            for factor in split(part, "×"):
                term = term * _decoded(factor)
            total = total + term
    except (Malformed, ValueError):
        return None
    return match[1], total


def _encoded(monomial: Monomial, coefficient: Fraction) -> str:
    factors = [f"⟨{n[1:-1].replace(',', '·')}⟩" if n[0] == "<" else n for n, _ in monomial]
    factors = [n if e == 1 else f"{n}↑{e}" for n, (_, e) in zip(factors, monomial, strict=True)]
    number = [] if coefficient == 1 and factors else [str(coefficient)]
    return "×".join([*number, *factors])


def _decoded(factor: str) -> Polynomial:
    if _NUMBER.fullmatch(factor):
        return Polynomial.constant(Fraction(factor))
    base, exponent = factor, "1"
    if match := re.fullmatch(r"(.*)↑(\d+)", factor):
        base, exponent = match.groups()
    if base.startswith("⟨") and base.endswith("⟩"):
        base = f"<{base[1:-1].replace('·', ',')}>"
    return Polynomial.variable(base) ** int(exponent)


def split(text: str, separator: str) -> list[str]:
    """The parts of a text between separators that stand outside all parentheses and brackets."""
    parts, depth = [""], 0
    for letter in text:
        depth += {"(": 1, "[": 1, "⟨": 1, ")": -1, "]": -1, "⟩": -1}.get(letter, 0)
        if letter == separator and not depth:
            parts.append("")
        else:
            parts[-1] += letter
    return parts


@cache
def mentioned(name: str) -> frozenset[str]:
    """The quantities that the argument of a function is made of, all the way down; empty for other names."""
    found = read_atom(name)
    if found is None:
        return mentioned(name[1:]) | {name[1:]} if name.startswith("⅟") else frozenset()
    return found[1].variables.union(*(mentioned(n) for n in found[1].variables))
