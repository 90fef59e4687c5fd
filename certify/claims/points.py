"""Points and what is measured at them: f(x_N), ‖x_k − x⋆‖, ‖∇f(x₀)‖, the average x̄ and x⋆ itself."""

from __future__ import annotations

from certify.claims.formulas import MINIMUM, Formula, Name, Quantity
from certify.claims.lexer import Cursor, Token

_NOW, _LAST = ("k", "t", "n"), ("N", "K", "T")
_POINTS = {"0": "0", "+": "k+1", "": "k"}
_POINTS |= dict.fromkeys(_NOW, "k") | dict.fromkeys(_LAST, "N") | dict.fromkeys((f"{c}+1" for c in _NOW + _LAST), "k+1")


_EARLIER = dict.fromkeys((f"{c}-1" for c in _NOW), "k-1") | dict.fromkeys((f"{c}-1" for c in _LAST), "N-1")
_STEPS = {("N", "N-1"): "N", ("k", "k-1"): "k", ("k+1", "k"): "k+1", ("k+1", "N"): "k+1"}
_OPERATORS = ("A", "B", "F", "G", "M", "T")


class PointReader(Cursor):
    """The part of the parser that reads quantities at points."""

    def value(self, token: Token) -> Formula | None:
        """f⋆, f₀, f_N, f(x₀), f(x⋆) …; None if f is the name of something else."""
        if token.star or token.sub in ("⋆", "star"):
            return Name(MINIMUM)
        if token.sub and token.sub in _POINTS:
            return Quantity("value", _POINTS[token.sub])
        if self.peek() == "^" and self.peek(1) == "*":
            self.next += 2
            return Name(MINIMUM)
        if self.peek() == "*":
            self.take()
            return Name(MINIMUM)
        if self.peek() == "(":
            self.take()
            at = self.point()
            self.take(")")
            return Name(MINIMUM) if at == "⋆" else (Quantity("value", at))
        return None

    def point(self) -> str:
        """x₀, x_N, x_k, x_{k+1}, x⁺, the average x̄, or x⋆."""
        token = self.take()
        if token.kind != "name" or token.text not in ("x", "xbar", "xavg", "bar"):
            raise self.problem("expected a point such as x_0, x_N or x*", token)
        if token.text == "bar":
            self.group_of("x")
            return "mean"
        if token.star or token.sub in ("⋆", "star"):
            return "⋆"
        if token.text != "x":
            return "mean"
        if self.peek() == "^" and self.peek(1) in ("*", "+"):
            self.take()
            return "⋆" if self.take().text == "*" else "k+1"
        if self.peek() == "^" and self.peek(1) == "{" and self.peek(2) in ("*", "+") and self.peek(3) == "}":
            self.next += 4
            return "⋆" if self.tokens[self.next - 2].text == "*" else "k+1"
        if not token.sub and self.peek() in ("*", "+") and self.peek(1) in ("", ")", "||", "-"):
            return "⋆" if self.take().text == "*" else "k+1"
        if not token.sub and self.peek() == "^":
            return self.raised(token)
        if token.sub in _EARLIER:
            return _EARLIER[token.sub]
        if token.sub not in _POINTS:
            raise self.problem("a point is x_0, x_N, x_k, x_{k+1}, xbar_N or x*", token)
        return _POINTS[token.sub]

    def raised(self, token: Token) -> str:
        """x^k, x^{k+1} or x^{(0)}: iterates are counted above as well."""
        self.take("^")
        ends, text = 0, ""
        while self.peek() in ("{", "("):
            self.take()
            ends += 1
        while self.peek() in ("number", "name", "+") and (ends or not text):
            text += self.take().text
        for _ in range(ends):
            if self.peek() not in ("}", ")"):
                raise self.problem("expected a closing bracket")
            self.take()
        if text not in _POINTS or text in ("", "+"):
            raise self.problem("a point is x_0, x_N, x_k, x_{k+1}, xbar_N or x*", token)
        return _POINTS[text]

    def group_of(self, name: str) -> None:
        self.take("{")
        token = self.take()
        if token.text != name:
            raise self.problem(f"expected {name}", token)
        self.take("}")

    def norm(self) -> Formula:
        """‖x − x⋆‖ or ‖∇f(x)‖."""
        opening = self.take("||")
        if self.peek() == "name" and self.tokens[self.next].text in ("nabla", "grad", "g"):
            token = self.take()
            if token.text == "g":
                if not token.sub or token.sub not in _POINTS:
                    raise self.problem("expected a gradient such as g_0 or g_N", token)
                at = _POINTS[token.sub]
            else:
                if self.take().text != "f":
                    raise self.problem("expected f(x_0), for example", token)
                self.take("(")
                at = self.point()
                self.take(")")
            self.take("||")
            return Quantity("gradient", at)
        image, first = self.image_or_point()
        if self.peek() == "||" and image:
            self.take()
            return Quantity("operator", first, image)
        self.take("-")
        other, second = self.image_or_point()
        self.take("||")
        if bool(image) != bool(other) and first == second:
            return Quantity("residual", first, image or other)
        if (step := _STEPS.get((first, second)) or _STEPS.get((second, first))) and not (image or other):
            return Quantity("step", step)
        if first == "⋆":
            first, second = second, first
        if first in ("⋆", *_EARLIER.values()) or second != "⋆" or image or other:
            raise self.problem(
                "norms that are understood are those of x − x⋆, ∇f(x), A(x), x − T(x) and x_N − x_{N−1}", opening
            )
        return Quantity("distance", first)

    def image_or_point(self) -> tuple[str, str]:
        """T(x_N), or T x_N, as T and N; a point as nothing and the point."""
        token = self.tokens[self.next] if self.next < len(self.tokens) else None
        if token is None or token.text not in _OPERATORS or token.sub or token.star:
            return "", self.point()
        self.take()
        if self.peek() != "(":
            return token.text, self.point()
        self.take()
        at = self.point()
        self.take(")")
        return token.text, at
