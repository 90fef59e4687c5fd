"""From text to trees: precedence climbing over the tokens of `lexer`. Nothing is evaluated, names must be known."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from fractions import Fraction

from certify.claims.formulas import (
    FUNCTIONS,
    MINIMUM,
    Call,
    Formula,
    Name,
    Number,
    Power,
    Product,
    Quotient,
    Sum,
    difference,
    negative,
)
from certify.claims.lexer import Token
from certify.claims.points import PointReader

MAX_DEPTH = 30
MAX_PARTS = 400
MAX_EXPONENT = 40
STARTS = {
    "R": "R",
    "Delta0": "Delta0",
    "Delta": "Delta0",
    "delta0": "Delta0",
    "d0": "R",
    "r0": "R",
    "G0": "G0",
    "R0": "R",
}
"""Short names of what is known at the start: R = ‖x₀ − x⋆‖, Δ₀ = f(x₀) − f⋆, G₀ = ‖∇f(x₀)‖."""
_RELATIONS = ("<=", ">=", "<", ">", "=")
_RANGE = re.compile(
    r"(?:k=)?(?:(?P<low>[01])(?:<=k|\.\.+|,(?:\.\.+|…),))?(?:k)?(?P<less><=|<)?(?P<high>N(?:-1)?)|(?:k=)(?P<one>[01])"
)
_LETTERS = str.maketrans({"t": "k", "i": "k", "j": "k", "s": "k", "T": "N", "K": "N", "n": "N"})


@dataclass(frozen=True)
class Least:
    """``min`` over iterates `first`, …, N − `before` of what stands after it."""

    first: int
    before: int


@dataclass(frozen=True)
class Comparison:
    """left relation right, with the text it was read from; `least` if a minimum over iterates stands on the left."""

    left: Formula
    relation: str
    right: Formula
    text: str
    least: Least | None = None


def formula(text: str, names: Collection[str], short: Mapping[str, Formula] | None = None) -> Formula:
    """The tree of a formula in these names; `short` are abbreviations such as κ. Raises `FormulaProblem`."""
    reader = _Reader(text, names, short or {})
    found = reader.sum()
    reader.finish()
    return found


def comparisons(text: str, names: Collection[str], short: Mapping[str, Formula] | None = None) -> list[Comparison]:
    """``a <= b`` or a chain such as ``0 < γ <= 1/L``; raises `FormulaProblem`."""
    reader = _Reader(text, names, short or {})
    found, left = [], reader.sum()
    while reader.peek() in _RELATIONS:
        relation = reader.take().text
        right = reader.sum()
        found.append(Comparison(left, relation, right, text.strip(), reader.least))
        left = right
    if not found:
        raise reader.problem("expected <= or another relation")
    reader.finish()
    return found


class _Reader(PointReader):
    def __init__(self, text: str, names: Collection[str], short: Mapping[str, Formula]) -> None:
        super().__init__(text)
        self.names, self.short = names, short
        self.depth = self.parts = 0
        self.bare = -1  # where a function without brackets ended
        self.least: Least | None = None

    def made(self, found: Formula) -> Formula:
        self.parts += 1
        if self.parts > MAX_PARTS:
            raise self.problem(f"a formula may have {MAX_PARTS} parts")
        return found

    # -- precedence --------------------------------------------------------------------------------------

    def sum(self) -> Formula:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.problem(f"more than {MAX_DEPTH} brackets inside each other")
        found = self.product()
        while self.peek() in ("+", "-"):
            sign, right = self.take().text, self.product()
            found = self.made(Sum(found, right) if sign == "+" else difference(found, right))
        self.depth -= 1
        return found

    def product(self) -> Formula:
        found, quotient = self.signed(), ""
        while True:
            if self.peek() == "*":
                self.take()
                found, quotient = self.made(Product(found, self.signed())), ""
            elif self.peek() == "/":
                if quotient in ("bare", "spaced"):
                    raise self.problem("a/b/c is ambiguous; write a/(b c)")
                self.take()
                plain = isinstance(found, Number)
                opening, first = self.peek(), self.next
                right = self.signed()
                bare = opening not in ("(", "{") or (
                    self.next > first + 1 and self.tokens[self.next - 1].text not in ")}"
                )
                spaced = plain and isinstance(right, Number)
                quotient = ("spaced" if spaced else "bare") if bare else "closed"
                if isinstance(right, Number) and right.value == 0:
                    raise self.problem("division by zero")
                found = self.made(Quotient(found, right))
            elif self.peek() in ("number", "name", "(", "{", "||"):
                before, after = self.tokens[self.next - 1], self.tokens[self.next]
                if self.bare == self.next and before.end == after.start:
                    raise self.problem("a function without brackets is ambiguous here; write sqrt(2 N), for example")
                apart = before.end < after.start
                if (quotient == "bare" and not (apart and after.text == "||")) or (quotient == "spaced" and not apart):
                    raise self.problem("a/b c is ambiguous; write a/(b c) or (a/b) c")
                if after.kind == "number" and before.kind != "sign":
                    raise self.problem("a number after a name; write a * between them")
                found, quotient = self.made(Product(found, self.power())), ""
            else:
                return found

    def signed(self) -> Formula:
        if self.peek() in ("-", "+"):
            sign = self.take().text
            self.depth += 1
            if self.depth > MAX_DEPTH:
                raise self.problem("too many signs in a row")
            found = self.signed()
            self.depth -= 1
            return self.made(negative(found)) if sign == "-" else found
        return self.power()

    def power(self) -> Formula:
        base = self.atom()
        if self.peek() not in ("^", "**"):
            return base
        self.take()
        place = self.tokens[self.next] if self.next < len(self.tokens) else None
        exponent = self.group() if self.peek() in ("{", "(") else self.exponent()
        if self.peek() in ("^", "**"):
            raise self.problem("a^b^c is ambiguous; use brackets")
        if isinstance(exponent, Number) and abs(exponent.value) > MAX_EXPONENT:
            raise self.problem(f"an exponent may be {MAX_EXPONENT} at most", place)
        return self.made(Power(base, exponent))

    def exponent(self) -> Formula:
        if self.peek() == "-":
            self.take()
            return negative(self.exponent_atom())
        return self.exponent_atom()

    def exponent_atom(self) -> Formula:
        if self.peek() == "number":
            return Number(Fraction(self.take().text))
        if self.peek() == "name":
            return self.named(self.take())
        raise self.problem("expected an exponent")

    def group(self) -> Formula:
        """Something in brackets of either kind."""
        closing = {"(": ")", "{": "}"}[self.take().text]
        found = self.sum()
        self.take(closing)
        return found

    # -- atoms -------------------------------------------------------------------------------------------

    def atom(self) -> Formula:
        match self.peek():
            case "(" | "{":
                return self.group()
            case "||":
                return self.norm()
            case "number":
                return self.made(Number(Fraction(self.take().text)))
            case "name":
                return self.named(self.take())
            case _:
                raise self.problem("expected a number, a name or a bracket")

    def named(self, token: Token) -> Formula:
        whole = token.text + token.sub
        if token.text == "frac" and not token.sub:
            if self.peek() != "{":
                raise self.problem("expected {")
            above = self.group()
            if self.peek() != "{":
                raise self.problem("expected {")
            return self.made(Quotient(above, self.group()))
        if token.text in ("E", "Expect") and not token.sub and "E" not in self.names:
            return self.power()  # a mean: all measures are means where steps are random
        if token.text in ("min", "inf") and not token.sub and self.least_value():
            return Name(MINIMUM)
        if (token.text, token.sub) == ("O", "") and self.peek() == "(":
            raise self.problem("O(…) hides the constant: a claim needs it", token)
        if token.text == "min" and token.sub:
            return self.minimum(token)
        if whole in FUNCTIONS or whole == "ln":
            return self.call("log" if whole == "ln" else whole)
        if token.text in ("f", "F") and token.text not in self.names and (found := self.value(token)) is not None:
            return found
        if (token.text, token.sub, token.star) == ("dist", "", False) and self.peek() == "(":
            raise self.problem("write R, or the distance as ||x_0 - x*||", token)
        if token.star:
            raise self.problem(f"{whole}⋆ is not known here", token)
        return self.made(self.known(token))

    def least_value(self) -> bool:
        """Whether ``min f`` or ``inf f`` stands here; it is read."""
        here = self.tokens[self.next] if self.next < len(self.tokens) else None
        if here is None or (here.text, here.sub) not in (("f", ""), ("F", "")) or self.peek(1) in ("(", "^", "*"):
            return False
        self.take()
        return True

    def known(self, token: Token) -> Formula:
        for name in (token.text + token.sub, f"{token.text}_{token.sub}"):
            if name in self.short:
                return self.short[name]
            if name in self.names:
                return Name(name)
            if name in STARTS:
                return Name(STARTS[name])
        if not token.sub and (pieces := self.split(token.text)):  # the rest are factors of their own: LR² is L R²
            here, start = self.next - 1, token.start
            run = []
            for piece in pieces:
                run.append(Token("name", piece, start, start + len(piece)))
                start += len(piece)
            self.tokens[here : here + 1] = run
            return self.known(run[0])
        listed = ", ".join(sorted({*self.names, *self.short, "R", "Delta0", "G0"}))
        raise self.problem(f"unknown name {(token.text + token.sub)[:40]!r}; known are {listed}", token)

    def split(self, text: str) -> list[str]:
        """``LR`` as L R, if there is just one way to read it."""
        known = {*self.names, *self.short, "R"}
        ways: list[list[list[str]]] = [[[]]]
        for end in range(1, len(text) + 1):
            here = [[*w, text[s:end]] for s in range(end) if text[s:end] in known for w in ways[s]]
            ways.append(here[:3])
        return ways[-1][0] if len(ways[-1]) == 1 else []

    def call(self, function: str) -> Formula:
        least = FUNCTIONS[function]
        if self.peek() not in ("(", "{"):
            if function in ("max", "min"):
                raise self.problem(f"{function} needs brackets and a comma")
            if function == "sum":
                return self.made(Call(function, (self.product(),)))
            argument = self.power()
            self.bare = self.next
            return self.made(Call(function, (argument,)))
        closing = {"(": ")", "{": "}"}[self.take().text]
        arguments = [self.sum()]
        while self.peek() in (",", ";"):
            self.take()
            arguments.append(self.sum())
        self.take(closing)
        if len(arguments) < least or (least == 1 and len(arguments) > 1) or len(arguments) > 8:
            raise self.problem(f"{function} takes {'one argument' if least == 1 else 'two arguments or more'}")
        return self.made(Call(function, tuple(arguments)))

    def minimum(self, token: Token) -> Formula:
        """``min_{0<=k<=N} …`` in front of the left side."""
        if self.least is not None or self.next != 1:
            raise self.problem("min over iterates is understood at the very beginning only", token)
        match = _RANGE.fullmatch(token.sub.translate(_LETTERS))
        if match is None or match["one"]:
            raise self.problem("a minimum over iterates reads min_{0<=k<=N} or min_{k<N}", token)
        before = (match["high"] == "N-1") or (match["less"] == "<")
        if match["high"] == "N-1" and match["less"] == "<":
            raise self.problem("k < N−1 leaves two iterates out; write k<=N-1", token)
        self.least = Least(int(match["low"] or 0), int(before))
        return self.product()
