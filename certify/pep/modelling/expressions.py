"""Points and expressions of a worst-case problem: exact linear forms, written with ordinary operators.

A point is a linear form over the basis vectors of its space; an expression is an affine form in function values and
inner products. Both are immutable and belong to the model that made them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from flint import fmpq

from certify.pep.engine.problem import ZERO, Key
from certify.pep.modelling.rationals import Number, rational

K = TypeVar("K", int, Key)


class MixedModels(TypeError):
    """Points or expressions of two models, or vectors of two spaces, were combined."""


class NotModelled(TypeError):
    """A condition that is not linear in inner products and function values."""


class Quantities(Protocol):
    """What points and expressions need of the model that they belong to."""

    vectors: list[str]
    homes: list[Space]

    def text(self, key: Key) -> str:
        """The name of a quantity."""
        ...


class Space:
    """A real Hilbert space of a model; basis vectors of different spaces have no inner product.

    With `parts` it is the product of other spaces: its points are sums of one point from each of them.
    """

    def __init__(self, model: Quantities, name: str = "", parts: tuple[Space, ...] = ()) -> None:
        self.model = model
        self.name = name
        self.parts = parts

    def inner(self, u: Point, v: Point) -> Expression:
        """⟨u, v⟩, expanded over the basis."""
        if not isinstance(v, Point):
            raise TypeError(f"the inner product of a point with {v!r} is not defined")
        if u.space is not v.space:
            raise MixedModels("the inner product of points of two different spaces or models is not defined")
        if self.parts:
            pairs = zip(self.split(u), self.split(v), strict=True)
            return sum((a.space.inner(a, b) for a, b in pairs), Expression(self.model, {}))
        terms: dict[Key, fmpq] = {}
        for i, a in u.coefficients.items():
            for j, b in v.coefficients.items():
                key = (i, j) if i <= j else (j, i)
                terms[key] = terms[key] + a * b if key in terms else a * b
        return Expression(self.model, {k: c for k, c in terms.items() if c})

    def squared_norm(self, v: Point) -> Expression:
        """‖v‖²."""
        if self.parts:
            return self.inner(v, v)
        terms: dict[Key, fmpq] = {}
        items = list(v.coefficients.items())
        for n, (i, a) in enumerate(items):
            terms[i, i] = a * a
            twice = a + a
            for j, b in items[n + 1 :]:
                terms[(i, j) if i <= j else (j, i)] = twice * b
        return Expression(self.model, terms)

    def norm(self, v: Point) -> Norm:
        """‖v‖, which may be compared with a number, squared, and nothing else."""
        return Norm(self.squared_norm(v))

    # -- products --------------------------------------------------------------------------------------

    def split(self, v: Point) -> tuple[Point, ...]:
        """The components of a point of a product, each a point of its own space."""
        homes = self.model.homes
        found: list[dict[int, fmpq]] = [{} for _ in self.parts]
        places = {id(part): coefficients for part, coefficients in zip(self.parts, found, strict=True)}
        for i, c in v.coefficients.items():
            places[id(homes[i])][i] = c
        return tuple(Point(part, c) for part, c in zip(self.parts, found, strict=True))

    def join(self, *components: Point) -> Point:
        """The point of the product with these components, one from each of its spaces in order."""
        if tuple(c.space for c in components) != self.parts:
            raise MixedModels(f"a point of this product has {len(self.parts)} components, one from each of its spaces")
        return Point(self, {i: c for component in components for i, c in component.coefficients.items()})

    def block(self, v: Point, k: int) -> Point:
        """The point with the same component number k (from 0), and 0 elsewhere."""
        if not 0 <= k < len(self.parts):
            raise ValueError(f"there is no block {k}: the space has the blocks 0 to {len(self.parts) - 1}")
        return Point(self, self.split(v)[k].coefficients)


class Point:
    """``Σ coefficientᵢ · vᵢ`` over the basis vectors of its space."""

    __slots__ = ("_floats", "_hash", "coefficients", "space")

    def __init__(self, space: Space, coefficients: Mapping[int, fmpq]) -> None:
        self.space = space
        self.coefficients = coefficients
        self._hash: int | None = None
        self._floats: dict[int, float] | None = None

    @property
    def floats(self) -> Mapping[int, float]:
        """The coefficients in floating point."""
        if self._floats is None:
            self._floats = {i: float(c) for i, c in self.coefficients.items()}
        return self._floats

    @property
    def geometry(self) -> Space:
        """The space, under the name that `certify.language` knows."""
        return self.space

    def __add__(self, other: Point) -> Point:
        if not isinstance(other, Point):
            return self if _is_zero(other) else NotImplemented
        if self.space is not other.space:
            raise MixedModels("points of two different spaces or models were combined")
        return Point(self.space, _plus(self.coefficients, other.coefficients))

    __radd__ = __add__

    def __sub__(self, other: Point) -> Point:
        if not isinstance(other, Point):
            return self if _is_zero(other) else NotImplemented
        if self.space is not other.space:
            raise MixedModels("points of two different spaces or models were combined")
        return Point(self.space, _minus(self.coefficients, other.coefficients))

    def __neg__(self) -> Point:
        return Point(self.space, {i: -c for i, c in self.coefficients.items()})

    def __mul__(self, factor: Number) -> Point:
        if isinstance(factor, (Expression, Point)):
            raise TypeError("write u @ v or inner(u, v) for the inner product of two points")
        number = rational(factor)
        return Point(self.space, {i: c * number for i, c in self.coefficients.items()} if number else {})

    __rmul__ = __mul__

    def __truediv__(self, divisor: Number) -> Point:
        return self * (1 / rational(divisor))

    def __matmul__(self, other: Point) -> Expression:
        """``u @ v`` is ⟨u, v⟩."""
        return self.space.inner(self, other)

    def __pow__(self, exponent: int) -> Expression:
        raise TypeError("write norm2(x) for the squared norm of a point")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Point) and self.space is other.space and self.coefficients == other.coefficients

    def __hash__(self) -> int:
        if self._hash is None:
            self._hash = hash((id(self.space), frozenset(self.coefficients)))  # hashing rationals is slow
        return self._hash

    def __repr__(self) -> str:
        names = self.space.model.vectors
        return " + ".join(f"{c}·{names[i]}" for i, c in self.coefficients.items()) or "0"


class Expression:
    """An affine form in function values and inner products; ``a <= b`` and ``a >= b`` make a `Relation`."""

    __slots__ = ("model", "terms")

    def __init__(self, model: Quantities, terms: Mapping[Key, fmpq]) -> None:
        self.model = model
        self.terms = terms

    def __add__(self, other: Expression | Number) -> Expression:
        return Expression(self.model, _plus(self.terms, self._terms_of(other)))

    __radd__ = __add__

    def __sub__(self, other: Expression | Number) -> Expression:
        return Expression(self.model, _minus(self.terms, self._terms_of(other)))

    def __rsub__(self, other: Number) -> Expression:
        return (-self) + other

    def __neg__(self) -> Expression:
        return Expression(self.model, {k: -c for k, c in self.terms.items()})

    def __mul__(self, factor: Number) -> Expression:
        if isinstance(factor, (Expression, Point)):
            raise TypeError("a product of two expressions is not linear in inner products and function values")
        number = rational(factor)
        return Expression(self.model, {k: c * number for k, c in self.terms.items()} if number else {})

    __rmul__ = __mul__

    def __truediv__(self, divisor: Number) -> Expression:
        return self * (1 / rational(divisor))

    def __le__(self, other: Expression | Number) -> Relation:
        return Relation(Expression(self.model, _minus(self._terms_of(other), self.terms)))

    def __ge__(self, other: Expression | Number) -> Relation:
        return Relation(self - other)

    @property
    def constant(self) -> fmpq | None:
        """The value if no quantity occurs, else None."""
        return self.terms.get((), ZERO) if self.terms.keys() <= {()} else None

    def _terms_of(self, other: Expression | Number) -> Mapping[Key, fmpq]:
        if isinstance(other, Expression):
            if other.model is not self.model:
                raise MixedModels("expressions of two different models were combined")
            return other.terms
        if isinstance(other, Point):
            raise TypeError(
                "a value and a point were combined: f(x) is the value of a function, A(x) that of an operator"
            )
        number = rational(other)
        return {(): number} if number else {}

    def __repr__(self) -> str:
        return " + ".join(f"{c}·{self.model.text(key)}" for key, c in self.terms.items()) or "0"


@dataclass(frozen=True, slots=True)
class Relation:
    """``slack ≥ 0``, or ``slack = 0`` if `equation`."""

    slack: Expression
    equation: bool = False

    def __bool__(self) -> bool:
        raise TypeError("a condition is neither true nor false here; write a <= b <= c as two conditions")


@dataclass(frozen=True, slots=True)
class Norm:
    """‖v‖ for bounds ``norm(v) <= c`` with a number c ≥ 0; ``norm(v)**2`` is the expression ‖v‖²."""

    squared: Expression

    def __le__(self, bound: Number) -> Relation:
        number = self._number(bound)
        if number < 0:
            raise ValueError(f"a norm is never at most {number}")
        return self.squared <= number * number

    def __ge__(self, bound: Number) -> Relation:
        number = self._number(bound)
        return self.squared >= (number * number if number >= 0 else ZERO)

    def __pow__(self, exponent: int) -> Expression:
        if exponent != 2:
            raise TypeError("only the square of a norm is linear in inner products")
        return self.squared

    def __mul__(self, factor: Number) -> Norm:
        raise NotModelled("a multiple of a norm is not linear in inner products; use squares of norms, norm2(x)")

    __rmul__ = __mul__

    @staticmethod
    def _number(bound: Number) -> fmpq:
        if isinstance(bound, Norm | Expression):
            raise TypeError("a norm can be compared with a number only; squares of norms, norm2(x), with expressions")
        return rational(bound)


def equal(left: Any, right: Any) -> Relation:
    """The equation left = right between two expressions (or an expression and a number), or between two points."""
    if isinstance(left, Point) or isinstance(right, Point):
        return Relation((left - right).geometry.squared_norm(left - right), equation=True)
    if not isinstance(left, Expression | Norm) and not isinstance(right, Expression | Norm):
        raise TypeError("an equation needs an expression or a point on one side")
    difference = left - right
    if not isinstance(difference, Expression):
        raise TypeError("an equation between norms is not linear; write it with norm2")
    return Relation(difference, equation=True)


def _plus(left: Mapping[K, fmpq], right: Mapping[K, fmpq]) -> dict[K, fmpq]:
    """The sum of two linear forms; neither they nor it have zeros among their coefficients."""
    total = dict(left)
    for key, c in right.items():
        if key not in total:
            total[key] = c
        elif both := total[key] + c:
            total[key] = both
        else:
            del total[key]
    return total


def _minus(left: Mapping[K, fmpq], right: Mapping[K, fmpq]) -> dict[K, fmpq]:
    """The difference, likewise."""
    total = dict(left)
    for key, c in right.items():
        if key not in total:
            total[key] = -c
        elif difference := total[key] - c:
            total[key] = difference
        else:
            del total[key]
    return total


def _is_zero(value: Any) -> bool:
    """Whether this is the number 0, with which ``sum(points)`` begins."""
    return isinstance(value, int) and not isinstance(value, bool) and value == 0
