"""Where vectors live: a Hilbert space, or a space with nothing but a norm and its dual norm.

A geometry turns inner products and norms of linear forms into polynomial quantities, remembers which norms
were taken, and can state the axioms that relate them (duality or Cauchy–Schwarz, triangle inequality).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from itertools import combinations, product

from certify.kernel import Polynomial, inner_product_name
from certify.language.rings import factor
from certify.language.scalar import Scalar
from certify.language.vector import Vector


class Geometry(ABC):
    """Bookkeeping common to both geometries: basis vectors and the norms taken so far."""

    euclidean: bool

    def __init__(self, is_nonnegative: Callable[[Polynomial], bool]) -> None:
        self.is_nonnegative = is_nonnegative
        self.basis: dict[str, bool] = {}
        self.norms: dict[Vector, Scalar] = {}
        self.on_norm: Callable[[Vector, str], None] = lambda v, name: None
        """Called with a vector whose norm is taken for the first time and the name of that norm."""

    def vector(self, name: str, *, dual: bool = False) -> Vector:
        """A fresh basis vector."""
        if name in self.basis:
            raise ValueError(f"the vector {name!r} exists already")
        dual = dual and not self.euclidean
        self.basis[name] = dual
        return Vector(self, {name: Scalar.constant(1)}, dual)

    def zero(self) -> Vector:
        """0, a gradient."""
        return Vector(self, {}, dual=not self.euclidean)

    @abstractmethod
    def inner(self, u: Vector, v: Vector) -> Scalar:
        """⟨u, v⟩ as a polynomial in basis quantities."""

    @abstractmethod
    def squared_norm(self, v: Vector) -> Scalar:
        """‖v‖²."""

    def norm(self, v: Vector) -> Scalar:
        """‖v‖: a nonnegative quantity; a positive monomial factor of v comes out."""
        size, direction = content(v)
        if not self.is_nonnegative(size.numerator):
            size, direction = Scalar.constant(1), v
        for known, value in self.norms.items():
            if known in (direction, -direction) and known.dual == v.dual:
                return size * value
        name = f"|{names(direction)}|" + ("_" if v.dual else "")
        self.norms[direction] = value = Scalar.variable(name)
        self.on_norm(direction, name)
        return size * value

    def set_norm(self, v: Vector, value: Scalar) -> None:
        """Declare ‖v‖ = value (an oracle's promise)."""
        self.norms[v] = value

    def axioms(self) -> Iterator[tuple[str, str, Scalar]]:
        """Name, note and slack (``≥ 0``) of inequalities between the norms and inner products that exist."""
        for (u, n), (v, m) in combinations(self.norms.items(), 2):
            if u.dual == v.dual:
                for (w, k), sign in product(self.norms.items(), (1, -1)):
                    if w.dual == u.dual and w in (u + v * sign, (u + v * sign) * -1):
                        note = f"triangle inequality for {names(u)}, {names(v)} and {names(w)}"
                        yield f"triangle({names(w)}≤{names(u)};{names(v)})", note, n + m - k
            if self.euclidean or u.dual != v.dual:
                g, x = (u, v) if u.dual or self.euclidean else (v, u)
                for sign in (1, -1):
                    mark = "+" if sign > 0 else "-"
                    rule = "Cauchy–Schwarz" if self.euclidean else "norm duality"
                    note = f"{rule} for {names(g)} and {names(x)}"
                    yield f"duality{mark}({names(g)};{names(x)})", note, n * m - self.inner(g, x) * sign

    def equations(self) -> Iterator[tuple[str, Scalar]]:
        """Named equations ``0 = …`` that define norms."""
        return iter(())


class Euclidean(Geometry):
    """A real Hilbert space: points and gradients add up, ⟨a, b⟩ of basis vectors are the quantities."""

    euclidean = True

    def inner(self, u: Vector, v: Vector) -> Scalar:
        """Bilinear expansion into the variables ``<a,b>``."""
        total = Scalar.constant(0)
        for a, ca in u.coefficients.items():
            for b, cb in v.coefficients.items():
                total = total + ca * cb * Scalar.variable(inner_product_name(a, b))
        return total

    def squared_norm(self, v: Vector) -> Scalar:
        """⟨v, v⟩."""
        return self.inner(v, v)

    def equations(self) -> Iterator[tuple[str, Scalar]]:
        """‖v‖² = ⟨v, v⟩ for every norm taken."""
        for v, value in self.norms.items():
            yield f"norm({names(v)})", self.inner(v, v) - value * value


class Normed(Geometry):
    """Any norm: gradients are dual vectors, the pairing ⟨g, x⟩ and the two norms are all there is."""

    euclidean = False

    def inner(self, u: Vector, v: Vector) -> Scalar:
        """The pairing of a dual with a primal vector."""
        g, x = (u, v) if u.dual else (v, u)
        if g.dual == x.dual:
            raise TypeError("an inner product of two points (or two gradients) needs a Euclidean space")
        total = Scalar.constant(0)
        for a, ca in g.coefficients.items():
            for b, cb in x.coefficients.items():
                total = total + ca * cb * Scalar.variable(f"({a}|{b})")
        return total

    def squared_norm(self, v: Vector) -> Scalar:
        """‖v‖ squared; there is no inner product to expand it with."""
        return self.norm(v) ** 2


def content(v: Vector) -> tuple[Scalar, Vector]:
    """v = factor · direction, with the largest monomial factor common to all coefficients taken out."""
    if not v.coefficients:
        return Scalar.constant(0), v
    scalars = list(v.coefficients.values())
    common = scalars[0]
    for scalar in scalars[1:]:
        if (scalar / common).as_constant() is None:
            return Scalar.constant(1), v
    magnitude = common.numerator
    _, factors = factor(magnitude)
    if any(len(base.terms) > 1 for base, _ in factors) or common.denominators:
        return Scalar.constant(1), v
    size = Scalar(Polynomial(dict.fromkeys(magnitude.terms, 1)))
    return size, v / size


def names(v: Vector) -> str:
    """A short name for a vector: its linear form, with x0-x⋆ and x1-x⋆ combined to x0-x1."""
    total: dict[str, Scalar] = {}
    for basis, coefficient in v.coefficients.items():
        for sign, letter in zip((1, -1), basis.split("-"), strict=False):
            total[letter] = total.get(letter, Scalar.constant(0)) + coefficient * sign
    pieces = [f"+{_shown(c)}{n}" for n, c in total.items() if c.numerator]
    return "".join(pieces).replace("+-", "-").removeprefix("+") or "0"


def _shown(coefficient: Scalar) -> str:
    """All of a coefficient: two vectors that differ must not get one name."""
    value = coefficient.as_constant()
    if value is None:
        below = "".join(f"/({_spelled(base)})" * exponent for base, exponent in coefficient.denominators)
        return f"[{_spelled(coefficient.numerator)}{below}]"
    return {1: "", -1: "-"}.get(value, str(value))


def _spelled(polynomial: Polynomial) -> str:
    return "+".join(f"{c}{'.'.join(n for n, e in m for _ in range(e))}" for m, c in polynomial)
