"""Symbolic scalars: exact rational functions of named quantities, with the arithmetic of ordinary numbers.

A scalar is ``numerator / Π denominatorᵢ^eᵢ`` with polynomials over ℚ. Denominators stay factored, because a
proof may multiply by a factor only when that very factor is known to be positive.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Union

from certify.kernel import Polynomial
from certify.language.rings import divide, factor

Rational = int | Fraction
ScalarLike = Union["Scalar", int, Fraction]


@dataclass(frozen=True, slots=True, eq=False)
class Scalar:
    """An element of ℚ(names), immutable. ``a >= b`` and ``a <= b`` build an `Inequality`, they decide nothing.

    So ``if a >= b``, ``max(a, b)``, ``if a == 0`` and ``if a`` are refused unless all are numbers: they would take one
    branch for all values, and what is proved would be about another method.
    """

    numerator: Polynomial
    denominators: tuple[tuple[Polynomial, int], ...] = ()

    @staticmethod
    def variable(name: str) -> Scalar:
        """The scalar that is the quantity `name` itself."""
        return Scalar(Polynomial.variable(name))

    @staticmethod
    def constant(value: Rational) -> Scalar:
        """A rational number as a scalar."""
        return Scalar(Polynomial.constant(value))

    @property
    def denominator(self) -> Polynomial:
        """The expanded denominator."""
        result = Polynomial.constant(1)
        for base, exponent in self.denominators:
            result = result * base**exponent
        return result

    @property
    def denominator_scalar(self) -> Scalar:
        """The denominator as a scalar."""
        return Scalar(self.denominator)

    @property
    def variables(self) -> frozenset[str]:
        """All names that occur."""
        return self.numerator.variables.union(*(p.variables for p, _ in self.denominators))

    def as_constant(self) -> Fraction | None:
        """The rational value if no name occurs, else None."""
        return None if self.denominators else self.numerator.as_constant()

    def __add__(self, other: ScalarLike) -> Scalar:
        if (right := as_scalar(other)) is None:
            return NotImplemented
        common = _lcm(self.denominators, right.denominators)
        return _reduced(self._over(common) + right._over(common), common)

    __radd__ = __add__

    def __neg__(self) -> Scalar:
        return Scalar(-self.numerator, self.denominators)

    def __sub__(self, other: ScalarLike) -> Scalar:
        right = as_scalar(other)
        return NotImplemented if right is None else self + (-right)

    def __rsub__(self, other: ScalarLike) -> Scalar:
        return (-self) + other

    def __mul__(self, other: ScalarLike) -> Scalar:
        if (right := as_scalar(other)) is None:
            return NotImplemented
        exponents = dict(self.denominators)
        for base, exponent in right.denominators:
            exponents[base] = exponents.get(base, 0) + exponent
        return _reduced(self.numerator * right.numerator, tuple(exponents.items()))

    __rmul__ = __mul__

    def __truediv__(self, other: ScalarLike) -> Scalar:
        right = as_scalar(other)
        return NotImplemented if right is None else self * right.reciprocal()

    def __rtruediv__(self, other: ScalarLike) -> Scalar:
        left = as_scalar(other)
        return NotImplemented if left is None else left / self

    def __pow__(self, exponent: int) -> Scalar:
        if not isinstance(exponent, int):
            return NotImplemented
        if exponent < 0:
            return self.reciprocal() ** (-exponent)
        return _reduced(self.numerator**exponent, tuple((b, e * exponent) for b, e in self.denominators if exponent))

    def reciprocal(self) -> Scalar:
        """1 / self; raises ZeroDivisionError for the zero scalar."""
        if not self.numerator:
            raise ZeroDivisionError("division by the scalar 0")
        content, factors = factor(self.numerator)
        return _reduced(self.denominator.scale(1 / content), factors)

    def substitute(self, values: Mapping[str, ScalarLike]) -> Scalar:
        """Replace names by scalars, exactly."""
        result = substitute(self.numerator, values)
        for base, exponent in self.denominators:
            result = result / substitute(base, values) ** exponent
        return result

    def __ge__(self, other: ScalarLike) -> Inequality:
        return Inequality(self, exact(other))

    def __le__(self, other: ScalarLike) -> Inequality:
        return Inequality(exact(other), self)

    def __gt__(self, other: ScalarLike) -> Inequality:
        return Inequality(self, exact(other), strict=True)

    def __lt__(self, other: ScalarLike) -> Inequality:
        return Inequality(exact(other), self, strict=True)

    def __eq__(self, other: object) -> bool:
        """Whether two formulas are the same. **Raises:** DependsOnValue for a formula and a number."""
        if isinstance(other, Scalar):
            return not (self - other).numerator
        if not isinstance(other, int | Fraction):
            return NotImplemented
        if self.variables:
            raise DependsOnValue(self.variables)
        return self.as_constant() == other

    def __bool__(self) -> bool:
        if self.variables:
            raise DependsOnValue(self.variables)
        return bool(self.numerator)

    def __hash__(self) -> int:
        return hash(self.as_constant()) if self.as_constant() is not None else hash(self.variables)

    def _over(self, common: tuple[tuple[Polynomial, int], ...]) -> Polynomial:
        have, top = dict(self.denominators), self.numerator
        for base, exponent in common:
            top = top * base ** (exponent - have.get(base, 0))
        return top

    def __repr__(self) -> str:
        bottom = "".join(f" / {b.to_json()}^{e}" for b, e in self.denominators)
        return f"Scalar({self.numerator.to_json()}{bottom})"


class DependsOnValue(TypeError):
    """A method or a goal has several formulas, for several values of these symbols."""

    def __init__(self, names: Iterable[str]) -> None:
        super().__init__(
            f"a comparison (if, and, or, min, max, ==) asks for the value of {', '.join(sorted(names))}; "
            "a proof needs one formula for all values"
        )


class UnknownSign(ValueError):
    """A division by something that is not known to be positive."""


@dataclass(frozen=True, slots=True)
class Inequality:
    """``greater ≥ smaller`` (``>`` if strict), as printed in a paper; it says ``greater − smaller ≥ 0``."""

    greater: Scalar
    smaller: Scalar
    strict: bool = False

    @property
    def slack(self) -> Scalar:
        """``greater − smaller``."""
        return self.greater - self.smaller

    def __bool__(self) -> bool:
        value = self.slack.as_constant()
        if value is None:
            raise DependsOnValue(self.slack.variables)
        return value > 0 or (value == 0 and not self.strict)


def exact(value: ScalarLike) -> Scalar:
    """A scalar from a scalar or rational number; TypeError for anything else."""
    scalar = as_scalar(value)
    if scalar is None:
        raise TypeError(f"{value!r} is not an exact scalar (use int, Fraction or a symbolic scalar)")
    return scalar


def as_scalar(value: object) -> Scalar | None:
    """A scalar from a scalar or rational number; None for anything else (floats on purpose included)."""
    if isinstance(value, Scalar):
        return value
    if isinstance(value, int | Fraction) and not isinstance(value, bool):
        return Scalar.constant(value)
    return None


def substitute(polynomial: Polynomial, values: Mapping[str, ScalarLike]) -> Scalar:
    """The polynomial with names replaced by scalars."""
    total = Scalar.constant(0)
    kept: dict = {}
    for monomial, coefficient in polynomial:
        inside = [(n, e) for n, e in monomial if n in values]
        outside = tuple((n, e) for n, e in monomial if n not in values)
        if not inside:
            kept[monomial] = coefficient
            continue
        product = Scalar(Polynomial({outside: coefficient}))
        for name, exponent in inside:
            product = product * exact(values[name]) ** exponent
        total = total + product
    return total + Scalar(Polynomial(kept))


def _lcm(
    left: tuple[tuple[Polynomial, int], ...], right: tuple[tuple[Polynomial, int], ...]
) -> tuple[tuple[Polynomial, int], ...]:
    exponents = dict(left)
    for base, exponent in right:
        exponents[base] = max(exponents.get(base, 0), exponent)
    return tuple(exponents.items())


def _reduced(numerator: Polynomial, denominators: tuple[tuple[Polynomial, int], ...]) -> Scalar:
    """Cancel the denominators that divide the numerator."""
    if not numerator:
        return Scalar(numerator)
    kept: list[tuple[Polynomial, int]] = []
    for base, exponent in denominators:
        while exponent and (quotient := divide(numerator, base)) is not None:
            numerator, exponent = quotient, exponent - 1
        if exponent:
            kept.append((base, exponent))
    return Scalar(numerator, tuple(kept))
