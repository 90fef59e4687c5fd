"""Spaces made of p layers, each with a norm of its own, p a symbol: everything is written for one generic layer.

Pairings ⟨gᵢ, xᵢ⟩, norms ‖xᵢ‖ and parameters declared with ``each=True`` have one value for every layer. A sum over
the layers is the kernel's positive linear functional Σ with Σ[1] = p: what holds for every layer holds for the sum,
and what is the same for all layers comes out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import combinations

from certify.kernel import Moment, Monomial, Polynomial
from certify.language.expectations import applied, short
from certify.language.geometry import Normed, names
from certify.language.scalar import Scalar
from certify.language.text import ordered_factors, ordered_terms
from certify.language.vector import Vector

LAYERS = "Σ"
"""The sum over all layers."""
COUNT = "p"
"""The number of layers."""


class Layered(Normed):
    """Norms and pairings of one generic layer; coefficients of vectors may differ from layer to layer."""

    def norm(self, v: Vector) -> Scalar:
        """‖vᵢ‖, with any common factor of known sign taken out."""
        scalars = list(v.coefficients.values())
        if scalars and all((s / scalars[0]).as_constant() is not None for s in scalars):
            size = scalars[0]
            for sign in (1, -1):
                if self._nonnegative(size * sign):
                    return size * sign * super().norm(v / (size * sign))
        return super().norm(v)

    def axioms(self) -> Iterator[tuple[str, str, Scalar]]:
        """Those of any norm, and ‖a u + b v‖ ≤ |a|‖u‖ + |b|‖v‖ for numbers a and b of known sign."""
        yield from super().axioms()
        for (u, n), (v, m) in combinations(self.norms.items(), 2):
            for w, k in self.norms.items():
                alike = u.dual == v.dual == w.dual and w not in (u, v)
                if alike and (found := _combination(w, u, v)) is not None:
                    sizes = [s for c in found for s in (c, -c) if self._nonnegative(s)]
                    if len(sizes) == 2:
                        note = f"triangle inequality for {names(u)}, {names(v)} and {names(w)}"
                        yield f"triangle({names(w)};{names(u)};{names(v)})", note, sizes[0] * n + sizes[1] * m - k

    def euclidean_product(self, u: Vector, v: Vector) -> Scalar:
        """⟨uᵢ, vᵢ⟩₂ of two gradients of the layer, for statements about noise, which has a Euclidean length."""
        total = Scalar.constant(0)
        for a, ca in u.coefficients.items():
            for b, cb in v.coefficients.items():
                total = total + ca * cb * Scalar.variable(f"({min(a, b)};{max(a, b)})")
        return total

    def _nonnegative(self, value: Scalar) -> bool:
        bases = [value.numerator, *(base for base, exponent in value.denominators if exponent % 2)]
        return all(self.is_nonnegative(base) for base in bases)


def _combination(w: Vector, u: Vector, v: Vector) -> tuple[Scalar, Scalar] | None:
    """a and b with w = a u + b v, if there are any that a basis vector of u alone tells."""
    own = next((n for n in u.coefficients if n not in v.coefficients and n in w.coefficients), None)
    if own is None:
        return None
    a = w.coefficients[own] / u.coefficients[own]
    rest = w - u * a
    other = next((n for n in v.coefficients if n in rest.coefficients), None)
    if other is None:
        return None
    b = rest.coefficients[other] / v.coefficients[other]
    return (a, b) if rest == v * b else None


def plain_name(polynomial: Polynomial) -> str:
    """A polynomial as part of a name: ``L0+L1⋅|g0|_``."""
    pieces = []
    for monomial, coefficient in ordered_terms(polynomial):
        names = [n for n, e in ordered_factors(monomial) for _ in range(e)]
        pieces.append("⋅".join([*([] if coefficient == 1 and names else [str(coefficient)]), *names]))
    return "+".join(pieces).replace("+-", "-")


def sum_of(monomial: Monomial) -> Moment:
    """The sum over layers of a product of quantities that vary; its name is made of theirs."""
    return Moment(short(LAYERS, "·".join(n for n, e in monomial for _ in range(e))), LAYERS, monomial)


def summed(
    polynomial: Polynomial, varies: Callable[[str], object], count: str = COUNT
) -> tuple[Polynomial, dict[str, Moment]]:
    """Σ[polynomial], with Σ[1] = count, and the moments that occur in it, by name."""
    return applied(polynomial, varies, sum_of, Polynomial.variable(count))


def order(moments: Mapping[str, Moment], used: frozenset[str]) -> tuple[Moment, ...]:
    """The moments among the names used, and those that these are moments of, sorted by name."""
    found: dict[str, Moment] = {}
    waiting = [n for n in used if n in moments]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = moments[name]
            waiting += [n for n, _ in moments[name].monomial if n in moments]
    return tuple(m for _, m in sorted(found.items()))
