"""Means over what a step draws: names of moments, and the mean of a polynomial.

One step of a stochastic method draws samples. Everything computed from them is *random*: it depends on the index of the
functional `SAMPLE`, the conditional mean given all that was drawn before the step. Deterministic factors come out of
a mean; what stays inside is a moment, a quantity with a name of its own that says what it is the mean of.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256

from certify.kernel import Functional, Moment, Monomial, Polynomial
from certify.language.atoms import mentioned

SAMPLE = "E"
"""The mean over the draws of one step."""
MAX_NAME = 200


@dataclass
class Randomness:
    """Which vectors and variables depend on which draws of the step; draws are numbered in their order."""

    count: int = 0
    vectors: dict[str, frozenset[int]] = field(default_factory=dict)
    variables: dict[str, frozenset[int]] = field(default_factory=dict)
    drawn: bool = True
    """Whether something is left to chance; means over workers that all do the same are none over draws."""

    def draw(self) -> frozenset[int]:
        """The dependence of a fresh sample, which nothing before depends on."""
        self.count += 1
        return frozenset({self.count - 1})

    def of(self, name: str) -> frozenset[int]:
        """The draws that a variable, a product ``<a,b>``, ``(a;b)`` or a pairing ``(a|b)`` depends on."""
        mark = "," if name.startswith("<") else next((m for m in "|;" if m in name), "") * name.startswith("(")
        if mark:
            a, _, b = name[1:-1].partition(mark)
            return self.vectors.get(a, frozenset()) | self.vectors.get(b, frozenset())
        inside = [self.of(n) for n in mentioned(name)]
        return self.variables.get(name, frozenset()).union(*inside)

    def inherit(self, name: str, parts: Iterable[str]) -> None:
        """Note that a quantity depends on every draw that its parts depend on."""
        if draws := frozenset().union(*map(self.of, parts)):
            self.variables[name] = draws

    def known_before(self, draws: frozenset[int], name: str) -> bool:
        """Whether a basis vector is determined before the first of these draws."""
        return not any(i >= min(draws) for i in self.vectors.get(name, frozenset()))

    def functionals(self) -> tuple[Functional, ...]:
        """The mean, if something was drawn."""
        return (Functional(SAMPLE),) if self.count else ()


def reading(polynomial: Polynomial, random: Callable[[str], object], moments: Mapping[str, Moment]) -> Polynomial:
    """E[polynomial] with the mean of a single quantity called by the name of that quantity."""
    averaged, found = mean(polynomial, random)
    names = {n: _single(m) for n, m in {**moments, **found}.items()}
    return renamed(averaged, names)


def renamed(polynomial: Polynomial, names: Mapping[str, str]) -> Polynomial:
    """The polynomial with other names of variables."""
    total = Polynomial()
    for monomial, coefficient in polynomial:
        term = Polynomial.constant(coefficient)
        for name, exponent in monomial:
            term = term * Polynomial.variable(names.get(name, name)) ** exponent
        total = total + term
    return total


def _single(found: Moment) -> str:
    """The quantity itself if the moment is its mean, else the moment's name."""
    ((name, exponent), *more) = found.monomial
    return found.name if more or exponent > 1 else name


def moment(monomial: Monomial) -> Moment:
    """The mean of a product of random quantities; its name is made of theirs."""
    factors = [name.replace("<", "⟨").replace(",", "·").replace(">", "⟩") for name, e in monomial for _ in range(e)]
    return Moment(short(SAMPLE, "·".join(factors)), SAMPLE, monomial)


def short(functional: str, text: str) -> str:
    """``F[text]``, with a digest in place of a text that is too long for a name; statements say what it stands for."""
    return f"{functional}[{text if len(text) <= MAX_NAME else '#' + sha256(text.encode()).hexdigest()[:16]}]"


def split(monomial: Monomial, random: Callable[[str], object]) -> tuple[Monomial, Monomial]:
    """The random factors and the others."""
    inside = tuple(item for item in monomial if random(item[0]))
    return inside, tuple(item for item in monomial if not random(item[0]))


def mean(polynomial: Polynomial, random: Callable[[str], object]) -> tuple[Polynomial, dict[str, Moment]]:
    """E[polynomial] and the moments that occur in it, by name."""
    return applied(polynomial, random, moment, Polynomial.constant(1))


def applied(
    polynomial: Polynomial, inside: Callable[[str], object], named: Callable[[Monomial], Moment], of_one: Polynomial
) -> tuple[Polynomial, dict[str, Moment]]:
    """F[polynomial] for a linear functional F with F[1] = `of_one`: what is not `inside` comes out of F."""
    total, moments = Polynomial(), {}
    for monomial, coefficient in polynomial:
        within, outside = split(monomial, inside)
        term = Polynomial({outside: coefficient})
        if within:
            found = named(within)
            moments[found.name] = found
            term = term * Polynomial.variable(found.name)
        else:
            term = term * of_one
        total = total + term
    return total, moments
