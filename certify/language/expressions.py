"""Parameter rules typed by people, ``gamma=1/L``: a small safe parser to exact scalars (nothing is evaluated)."""

from __future__ import annotations

import re
from collections.abc import Collection
from fractions import Fraction

from certify.language.scalar import Scalar

MAX_LENGTH, MAX_EXPONENT, MAX_DEPTH = 400, 20, 40
MAX_DEGREE, MAX_TERMS, MAX_BITS = 60, 500, 2_000
_NUMBER = r"(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d{1,2}(?!\w))?"
_TOKEN = re.compile(rf"\s*(?:({_NUMBER})|([A-Za-z][A-Za-z0-9_]{{0,63}})|(\*\*|[-+*/^()]))")


class SyntaxProblem(ValueError):
    """A rule that cannot be read; the message shows where."""


def parse(text: str, names: Collection[str]) -> Scalar:
    """The scalar written with numbers, the given names, ``+ - * / ^`` and parentheses.

    Decimals are exact (0.1 is 1/10, 1e-3 is 1/1000). Raises `SyntaxProblem`.
    """
    return _Parser(text, names).result()


class _Parser:
    def __init__(self, text: str, names: Collection[str]) -> None:
        if len(text) > MAX_LENGTH:
            raise SyntaxProblem(f"the formula goes on after position {MAX_LENGTH}, which is as far as one may be long")
        self.text, self.names = text, names
        self.tokens: list[tuple[str, int]] = []
        position = 0
        while position < len(text.rstrip()):
            match = _TOKEN.match(text, position)
            if match is None:
                raise self.problem(f"unexpected character {text[position:].strip()[:1]!r}", position)
            self.tokens.append((match.group().strip(), match.start(match.lastindex or 0)))
            position = match.end()
        self.next = 0
        self.depth = 0

    def problem(self, what: str, position: int) -> SyntaxProblem:
        return SyntaxProblem(f"{what} at position {position + 1} of {self.text!r}")

    def peek(self) -> str:
        return self.tokens[self.next][0] if self.next < len(self.tokens) else ""

    def take(self) -> tuple[str, int]:
        if self.next >= len(self.tokens):
            raise self.problem("the formula ends too early", len(self.text))
        self.next += 1
        return self.tokens[self.next - 1]

    def result(self) -> Scalar:
        value = self.sum()
        if self.peek():
            token, position = self.take()
            raise self.problem(f"unexpected {token!r}", position)
        return value

    def sum(self) -> Scalar:
        value = self.product()
        while self.peek() in ("+", "-") and self.peek():
            operator, position = self.take()
            right = self.product()
            value = self.bounded(value + right if operator == "+" else value - right, position)
        return value

    def product(self) -> Scalar:
        value = self.power()
        while self.peek() in ("*", "/") and self.peek():
            operator, position = self.take()
            right = self.power()
            if operator == "/" and not right.numerator:
                raise self.problem("division by zero", position)
            value = self.bounded(value * right if operator == "*" else value / right, position)
        return value

    def power(self) -> Scalar:
        if self.peek() == "-":
            self.take()
            return -self.power()
        base = self.atom()
        if self.peek() in ("^", "**") and self.peek():
            self.take()
            token, position = self.take()
            if not token.isdigit() or int(token) > MAX_EXPONENT:
                raise self.problem(f"an exponent must be a whole number up to {MAX_EXPONENT}", position)
            value = Scalar.constant(1)
            for _ in range(int(token)):
                value = self.bounded(value * base, position)
            return value
        return base

    def bounded(self, value: Scalar, position: int) -> Scalar:
        """The same value, unless it has grown too large to compute with."""
        for polynomial in (value.numerator, *(base for base, _ in value.denominators)):
            bits = max((c.numerator.bit_length() + c.denominator.bit_length() for _, c in polynomial), default=0)
            if polynomial.degree > MAX_DEGREE or len(polynomial.terms) > MAX_TERMS or bits > MAX_BITS:
                raise self.problem("the formula grows too large", position)
        return value

    def atom(self) -> Scalar:
        token, position = self.take()
        if token == "(":  # noqa: S105 (a token of a formula)
            self.depth += 1
            if self.depth > MAX_DEPTH:
                raise self.problem(f"more than {MAX_DEPTH} nested parentheses", position)
            value = self.sum()
            closing, where = self.take()
            if closing != ")":
                raise self.problem("expected ')'", where)
            self.depth -= 1
            return value
        if token[0].isdigit() or token[0] == ".":
            return Scalar.constant(Fraction(token))
        if token[0].isalpha():
            if token not in self.names:
                raise self.problem(f"unknown name {token!r} (known: {', '.join(sorted(self.names))})", position)
            return Scalar.variable(token)
        raise self.problem(f"unexpected {token!r}", position)
