"""Spaces ℝᵈ with d a symbol, where vectors are multiplied and divided coordinate by coordinate.

A vector is what it is at one generic coordinate: an exact scalar in quantities with one value for every coordinate.
Inner products are sums over the coordinates, the kernel's positive linear functional Σ with Σ[1] = d. Under a sum
nothing can be cleared of denominators, so 1/b becomes a quantity w of its own; see `Inverses`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import count

from certify.kernel import Fact, Monomial, Polynomial
from certify.kernel.polynomial import times
from certify.language.atoms import atom_name, read_atom
from certify.language.geometry import Geometry
from certify.language.scalar import Inequality, Scalar, ScalarLike, as_scalar, exact
from certify.language.vector import MixedSpaces, Vector

COORDINATES = "d"
"""The number of coordinates."""


@dataclass(frozen=True, slots=True, eq=False)
class Coordinates:
    """A vector by its generic coordinate; numbers stand for vectors with equal coordinates."""

    geometry: Coordinatewise
    value: Scalar

    @property
    def coefficients(self) -> Mapping[str, Scalar]:
        """What it depends on, as other vectors tell it."""
        return {"": self.value}

    @property
    def dual(self) -> bool:
        """Gradients and points are vectors of the same space."""
        return False

    def elementwise(self, function: Callable[[Scalar], Scalar]) -> Coordinates:
        """The vector of function(coordinate)."""
        return Coordinates(self.geometry, exact(function(self.value)))

    def clipped(self, low: ScalarLike, high: ScalarLike) -> Coordinates:
        """The nearest point with all coordinates in [low, high]."""
        return self.geometry.clip(self, exact(low), exact(high))

    def larger(self, other: Coordinates) -> Coordinates:
        """The larger of two, in every coordinate."""
        return self.geometry.maximum(self, other)

    def _other(self, other: object) -> Scalar | None:
        if isinstance(other, Coordinates):
            if other.geometry is not self.geometry:
                raise MixedSpaces("vectors of two different problems were combined")
            return other.value
        return as_scalar(other)

    def __add__(self, other: Coordinates | ScalarLike) -> Coordinates:
        right = self._other(other)
        return NotImplemented if right is None else Coordinates(self.geometry, self.value + right)

    __radd__ = __add__

    def __neg__(self) -> Coordinates:
        return Coordinates(self.geometry, -self.value)

    def __sub__(self, other: Coordinates | ScalarLike) -> Coordinates:
        right = self._other(other)
        return NotImplemented if right is None else Coordinates(self.geometry, self.value - right)

    def __rsub__(self, other: ScalarLike) -> Coordinates:
        return -self + other

    def __mul__(self, other: Coordinates | ScalarLike) -> Coordinates:
        right = self._other(other)
        return NotImplemented if right is None else Coordinates(self.geometry, self.value * right)

    __rmul__ = __mul__

    def __truediv__(self, other: Coordinates | ScalarLike) -> Coordinates:
        right = self._other(other)
        return NotImplemented if right is None else Coordinates(self.geometry, self.value / right)

    def __rtruediv__(self, other: ScalarLike) -> Coordinates:
        left = as_scalar(other)
        return NotImplemented if left is None else Coordinates(self.geometry, left / self.value)

    def __pow__(self, exponent: int) -> Coordinates:
        return Coordinates(self.geometry, self.value**exponent)

    def __le__(self, other: Coordinates | ScalarLike) -> Inequality:
        right = self._other(other)
        return NotImplemented if right is None else self.value <= right

    def __ge__(self, other: Coordinates | ScalarLike) -> Inequality:
        right = self._other(other)
        return NotImplemented if right is None else self.value >= right

    def __gt__(self, other: Coordinates | ScalarLike) -> Inequality:
        right = self._other(other)
        return NotImplemented if right is None else self.value > right

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Coordinates):
            return NotImplemented
        return self.geometry is other.geometry and self.value == other.value

    def __hash__(self) -> int:
        return hash((id(self.geometry), self.value))


@dataclass
class Inverses:
    """Quantities w = 1/√u, and the rules by which polynomials in them have one normal form.

    √u·w is 1, other √u are written u·w, 1/u is w², and w²·u = 1 is solved for the largest summand of u in an order in
    which random quantities come first and those that vary next.
    """

    varies: Callable[[str], object]
    random: Callable[[str], object]
    of: dict[str, tuple[str, Polynomial]] = field(default_factory=dict)
    """w → (√u, u)."""

    def powers(self, base: Polynomial) -> tuple[str, int]:
        """w and e with 1/base = w^e."""
        name = next(iter(base.variables)) if len(base.terms) == 1 and base.degree == 1 else ""
        found = read_atom(name) if name else None
        if found is not None and found[0] == "√":
            u, exponent = found[1], 1
        else:
            name, u, exponent = atom_name("√", base), base, 2
        self.of.setdefault(f"⅟{name}", (name, u))
        return f"⅟{name}", exponent

    def equations(self) -> Iterator[Fact]:
        """The definitions √u = u·w and w²·u = 1."""
        for name, (root, u) in self.of.items():
            w, one, note = Polynomial.variable(name), Polynomial.constant(1), "the inverse of a root"
            yield Fact(f"cancelled {name}", Polynomial.variable(root) * w - one, note=note)
            yield Fact(f"root of {name}", Polynomial.variable(root) - u * w, note=note)
            yield Fact(f"inverse {name}", w**2 * u - one, note=note)

    def opened(self, scalar: Scalar) -> tuple[Polynomial, dict[str, int]]:
        """Numerator and powers of w whose product it is, up to these rules and denominators that do not vary."""
        powers: dict[str, int] = {}
        for base, exponent in scalar.denominators:
            if any(map(self.varies, base.variables)):
                name, power = self.powers(base)
                powers[name] = powers.get(name, 0) + power * exponent
        return scalar.numerator, powers

    def normal(self, polynomial: Polynomial) -> tuple[Polynomial, dict[str, Polynomial]]:
        """The normal form, and the factor of each equation that was subtracted on the way."""
        rules = list(self._rules())
        factors: dict[str, Polynomial] = {}
        rest, result = dict(polynomial.terms), Polynomial()
        while rest:
            monomial, coefficient = rest.popitem()
            found = ((n, whole, lead, q) for n, lead, whole in rules if (q := _quotient(monomial, lead)) is not None)
            equation, whole, lead, quotient = next(found, ("", Polynomial(), (), ()))
            if not equation:
                result = result + Polynomial({monomial: coefficient})
                continue
            factor = Polynomial({quotient: coefficient / whole.terms[lead]})
            factors[equation] = factors.get(equation, Polynomial()) + factor
            for m, c in -(factor * whole):
                if m != monomial:
                    rest[m] = rest.get(m, Fraction(0)) + c
                    if not rest[m]:
                        del rest[m]
        return result, {n: f for n, f in factors.items() if f}

    def _rules(self) -> Iterator[tuple[str, Monomial, Polynomial]]:
        """Each equation by its name, with the monomial that is solved for."""
        equations = {e.name: e.polynomial for e in self.equations()}
        for name, (root, u) in self.of.items():
            yield f"cancelled {name}", times(((root, 1),), ((name, 1),)), equations[f"cancelled {name}"]
            yield f"root of {name}", ((root, 1),), equations[f"root of {name}"]
            lead = max(u.terms, key=self._order)
            ((power, _),) = (Polynomial.variable(name) ** 2 * Polynomial({lead: 1})).terms.items()
            yield f"inverse {name}", power, equations[f"inverse {name}"]

    def _order(self, monomial: Monomial) -> list[tuple[bool, bool, str, int]]:
        """The lexicographic order in which random quantities come first and those that vary next."""
        return sorted(((bool(self.random(n)), bool(self.varies(n)), n, e) for n, e in monomial), reverse=True)


def _quotient(monomial: Monomial, divisor: Monomial) -> Monomial | None:
    """monomial/divisor if that is a monomial."""
    exponents = dict(monomial)
    for name, exponent in divisor:
        left = exponents.get(name, 0) - exponent
        if left < 0:
            return None
        exponents[name] = left
    return tuple((n, e) for n, e in sorted(exponents.items()) if e)


class Coordinatewise(Geometry):
    """ℝᵈ coordinate by coordinate; `total` is the sum over all coordinates, set by the trace."""

    euclidean = False
    total: Callable[[Scalar], Scalar]
    inverses: Inverses

    def __init__(self, is_nonnegative: Callable[[Polynomial], bool]) -> None:
        super().__init__(is_nonnegative)
        self.chosen: list[tuple[str, str, Scalar]] = []
        """What is known of clipped vectors and of the larger of two: name, note and a number ≥ 0."""

    def vector(self, name: str, *, dual: bool = False) -> Vector:
        """A fresh vector, whose generic coordinate is the quantity of this name."""
        if name in self.basis:
            raise ValueError(f"the vector {name!r} exists already")
        self.basis[name] = False
        return Coordinates(self, Scalar.variable(name))  # ty: ignore[invalid-explicit-return]

    def inner(self, u: Vector, v: Vector) -> Scalar:
        """Σᵢ uᵢvᵢ."""
        return self.total((u * v).value)  # ty: ignore

    def squared_norm(self, v: Vector) -> Scalar:
        """Σᵢ vᵢ²."""
        return self.inner(v, v)

    def zero(self) -> Vector:
        """0."""
        return Coordinates(self, Scalar.constant(0))  # ty: ignore[invalid-explicit-return]

    def clip(self, v: Coordinates, low: Scalar, high: Scalar) -> Coordinates:
        """c = the point of [low, high] nearest to v: |c − z| ≤ |v − z| for z = low and z = high.

        (c − z)² − (v − z)² is linear in z, so that these two say it of every z between them.
        **Raises:** NotImplementedError unless low ≤ high is plain and v depends on no sample.
        """
        width = high - low
        if width.denominators or not self.is_nonnegative(width.numerator):
            raise NotImplementedError("the ends of the interval to which is clipped are not known to be in order")
        self.inverses.opened(v.value)  # from now on sums are written in the inverses that occur in v
        c = self._chosen("clip", v)
        bounds = (c.value - low, high - c.value)
        nearest = ((v.value - z) ** 2 - (c.value - z) ** 2 for z in (low, high))
        self._know(c, "clipped to an interval", *bounds, *nearest)
        return c

    def maximum(self, u: Coordinates, v: Coordinates) -> Coordinates:
        """w = max(u, v): w ≥ u, w ≥ v and w ≤ λu + (1 − λ)v for some λ between 0 and 1.

        **Raises:** NotImplementedError if u or v depends on a sample.
        """
        w, share = self._chosen("max", u, v), self._chosen("share", u, v)
        one_of_them = share.value * u.value + (1 - share.value) * v.value - w.value
        known = (w.value - u.value, w.value - v.value, share.value, 1 - share.value, one_of_them)
        self._know(w, "the larger of two", *known)
        return w

    def axioms(self) -> Iterator[tuple[str, str, Scalar]]:
        """What is known of clipped vectors and of the larger of two."""
        yield from self.chosen

    def _chosen(self, stem: str, *made_of: Coordinates) -> Coordinates:
        if any(self.inverses.random(n) for v in made_of for n in v.value.variables):
            raise NotImplementedError(f"{stem} of vectors that depend on a sample is not modelled")
        name = next(name for i in count() if (name := f"{stem}{i}") not in self.basis)
        self.basis[name] = False
        return Coordinates(self, Scalar.variable(name))

    def _know(self, v: Coordinates, note: str, *numbers: Scalar) -> None:
        (name,) = v.value.variables
        self.chosen += [(f"{name}.{i + 1}", note, number) for i, number in enumerate(numbers)]

    def norm(self, v: Vector) -> Scalar:
        """Norms are not used: squares are sums already."""
        raise TypeError("in coordinates there are squared norms only: write norm2(x)")
