"""The ledger of one analysis: quantities, what is known about them, and the points a method visits.

Every trace is an explicit value of its own; two analyses alive at once cannot disturb each other.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from certify.kernel import Fact, Functional, Moment, Polynomial, Statement, inner_product_name
from certify.language.atoms import mentioned
from certify.language.coordinates import COORDINATES, Coordinatewise, Inverses
from certify.language.expectations import SAMPLE, Randomness, mean, reading
from certify.language.geometry import Euclidean, Geometry, Normed, names
from certify.language.layers import COUNT, LAYERS, Layered, order
from certify.language.plain_signs import PlainSigns, variable_of
from certify.language.scalar import Inequality, Scalar, ScalarLike, UnknownSign, exact
from certify.language.text import polynomial_text
from certify.language.totals import total
from certify.language.vector import Vector

RESULTS = ("N", "R", "Delta_0", "G_0")
"""Names in results: the number of steps and what is known of the start."""


class DoesNotApply(ValueError):
    """The theorem cannot be stated for these assumptions or parameters."""


class OutOfDomain(ValueError):
    """A condition of the theorem or a parameter's domain cannot hold (for example γ = −1)."""


@dataclass
class Trace:
    """What is known so far: strict and weak facts, hypotheses, equations, all with names."""

    norm: str = "euclidean"
    facts: dict[str, Fact] = field(default_factory=dict)
    hypotheses: dict[str, Fact] = field(default_factory=dict)
    equations: dict[str, Fact] = field(default_factory=dict)
    labels: dict[Vector, str] = field(default_factory=dict)
    step: int = 0
    randomness: Randomness = field(default_factory=Randomness)
    moments: dict[str, Moment] = field(default_factory=dict)
    layered: set[str] = field(default_factory=set)
    """Quantities with one value for every layer of the space, beside those of the geometry."""
    energies: dict[Vector, Scalar] = field(default_factory=dict)
    """Gradients of layers whose Euclidean lengths were taken."""
    made_of: dict[str, frozenset[str]] = field(default_factory=dict)
    """What inverses, sums and maxima over the layers are made of."""
    parameters: set[str] = field(default_factory=set)
    """The symbols of parameters; no other quantity may have such a name."""
    openings: dict[str, dict[str, int]] = field(default_factory=dict)
    """Of inequalities that were cleared of denominators: powers of the inverses of these."""

    def __post_init__(self) -> None:
        kinds: dict[str, type[Geometry]] = {
            "euclidean": Euclidean,
            "any": Normed,
            "layers": Layered,
            "coordinates": Coordinatewise,
        }
        if self.norm not in kinds:
            raise ValueError(f"norm {self.norm!r} is not one of {', '.join(kinds)}")
        self.geometry = kinds[self.norm](lambda p: self.sign(p) in (0, 1))
        self.geometry.on_norm = self._norm_taken
        if isinstance(self.geometry, Layered):
            self.scalar(COUNT, sign="positive", note="there is at least one layer")
        if isinstance(self.geometry, Coordinatewise):
            self.geometry.total, self.geometry.inverses = self.total, Inverses(self.varies, self.randomness.of)
            self.scalar(COORDINATES, sign="positive", note="there is at least one coordinate")

    # -- quantities ------------------------------------------------------------------------------------

    def parameter(self, symbol: str) -> None:
        """Note that a name belongs to a parameter. **Raises:** DoesNotApply if it has another meaning."""
        count = {Layered: COUNT, Coordinatewise: COORDINATES}.get(type(self.geometry))
        if symbol in (*RESULTS, count):
            raise DoesNotApply(_taken(symbol))
        self.parameters.add(symbol)

    def vector(self, name: str, *, dual: bool = False, draws: frozenset[int] = frozenset()) -> Vector:
        """A fresh abstract vector that depends on these draws of the step."""
        if name in self.parameters:
            raise DoesNotApply(_taken(name))
        if draws:
            self.randomness.vectors[name] = draws
            if isinstance(self.geometry, Coordinatewise):
                self.randomness.variables[name] = draws
        return self.geometry.vector(name, dual=dual)

    def scalar(self, name: str, *, sign: str = "real", note: str = "", draws: frozenset[int] = frozenset()) -> Scalar:
        """A fresh quantity that depends on these draws; `sign` is ``real``, ``nonnegative`` or ``positive``.

        **Raises:** DoesNotApply if a parameter has that name.
        """
        if name in self.parameters:
            raise DoesNotApply(_taken(name))
        quantity = Scalar.variable(name)
        if draws:
            self.randomness.variables[name] = draws
        if sign != "real":
            self.assume(
                quantity, strict=sign == "positive", name=f"{name}{'>' if sign == 'positive' else '≥'}0", note=note
            )
        return quantity

    def label(self, point: Vector, label: str) -> None:
        """Give a point its name, if it has none yet and the name is free."""
        if point not in self.labels:
            while label in self.labels.values():
                label += "'"
            self.labels[point] = label

    # -- knowledge -------------------------------------------------------------------------------------

    def assume(self, quantity: ScalarLike, *, strict: bool = False, name: str, note: str = "") -> None:
        """Add the fact ``quantity ≥ 0`` (> 0); true constants are dropped, plainly false ones raise `OutOfDomain`."""
        polynomial = self.cleared(quantity)
        value = polynomial.as_constant()
        if value is not None:
            if value < 0 or (strict and value == 0):
                raise OutOfDomain(f"the condition {note or name} does not hold for these parameters")
            return
        opposite = self.sign(-polynomial)
        if opposite == 1 or (strict and opposite == 0):
            raise OutOfDomain(f"the condition {note or name} does not hold for these parameters")
        if all(f.polynomial != polynomial or (strict and not f.strict) for f in self.facts.values()):
            self.facts[name] = Fact(name, polynomial, strict, note or name)

    def suppose(self, relation: Inequality, *, name: str, note: str = "") -> None:
        """Add a hypothesis, an instance of an assumption; trivial ones are dropped."""
        polynomial = self.cleared(relation.slack)
        self.opening(name, relation.slack)
        if polynomial and all(h.polynomial != polynomial for h in self.hypotheses.values()):
            self.hypotheses[name] = Fact(name, polynomial, note=note or name)

    def equate(self, left: ScalarLike, right: ScalarLike, *, name: str, note: str = "") -> None:
        """Add the equation left = right."""
        polynomial = self.cleared(exact(left) - right)
        if polynomial.as_constant():
            raise OutOfDomain(f"the equation {note or name} does not hold for these parameters")
        if polynomial and all(e.polynomial != polynomial for e in self.equations.values()):
            self.equations[name] = Fact(name, polynomial, note=note or name)

    def opening(self, name: str, slack: Scalar) -> None:
        """Remember what a pointwise inequality has to be multiplied by for its denominators to come back."""
        if isinstance(self.geometry, Coordinatewise) and (powers := self.geometry.inverses.opened(slack)[1]):
            self.openings[name] = powers

    # -- means -----------------------------------------------------------------------------------------

    def draws_of(self, vector: Vector) -> frozenset[int]:
        """The draws of the step that a vector depends on."""
        names = {n for c in vector.coefficients.values() for n in c.variables}
        found = [self.randomness.of(n) for n in names]
        found += [self.randomness.vectors.get(b, frozenset()) for b in vector.coefficients]
        return frozenset().union(*found)

    def _norm_taken(self, vector: Vector, name: str) -> None:
        if draws := self.draws_of(vector):
            self.randomness.variables[name] = draws

    def mean(self, quantity: ScalarLike) -> Scalar:
        """E[quantity], over the draws of the step; deterministic factors come out."""
        scalar = exact(quantity)
        self._average_only(scalar)
        numerator, moments = mean(scalar.numerator, self.randomness.of)
        self.moments |= moments
        return Scalar(numerator) / scalar.denominator_scalar

    # -- sums over layers ------------------------------------------------------------------------------

    def total(self, quantity: ScalarLike) -> Scalar:
        """Σᵢ quantityᵢ over the layers or coordinates of the space; what is the same for all of them comes out.

        Where the space has neither, the quantity itself. Divisions by something that varies over the layers become
        quantities of their own. **Raises:** UnknownSign if such a divisor is not known to be positive.
        """
        return total(self, exact(quantity))

    def consists_of(self, name: str, allowed: Collection[str]) -> bool:
        """Whether a quantity is one of these or made of them alone; the number of layers or coordinates always is."""
        inside = self.made_of.get(name) or mentioned(name)
        if not inside:
            count = {Layered: COUNT, Coordinatewise: COORDINATES}.get(type(self.geometry))
            return name in allowed or name == count
        return all(self.consists_of(n, allowed) for n in inside)

    def note(self, moments: Mapping[str, Moment]) -> None:
        """Remember sums over layers or coordinates and what they depend on."""
        self.moments |= moments
        for found in moments.values():
            self.randomness.inherit(found.name, (n for n, _ in found.monomial))

    def known(self, names: Iterable[str]) -> frozenset[str]:
        """These quantities and those that they are sums and functions of."""
        found: set[str] = set()
        waiting = list(names)
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting += [n for n, _ in self.moments[name].monomial] if name in self.moments else []
                waiting += mentioned(name)
        return frozenset(found)

    def varies(self, name: str) -> bool:
        """Whether a quantity has a value of its own for every layer or coordinate."""
        if isinstance(self.geometry, Coordinatewise):
            basis = self.geometry.basis
            return name in basis or any(n in basis for n in mentioned(name))
        return isinstance(self.geometry, Layered) and (name in self.layered or name[0] in "(|")

    def reading(self, polynomial: Polynomial) -> Polynomial:
        """The mean of a polynomial, in which the name of a random quantity stands for the mean of that quantity."""
        return reading(polynomial, self.randomness.of, self.moments) if self.randomness.count else polynomial

    def _average_only(self, scalar: Scalar) -> None:
        """Refuse means of quotients whose denominator is random."""
        if random := [n for base, _ in scalar.denominators for n in base.variables if self.randomness.of(n)]:
            raise UnknownSign(f"the mean of a quotient by {min(random)}, which is random, is no moment")

    # -- signs -----------------------------------------------------------------------------------------

    def cleared(self, quantity: ScalarLike) -> Polynomial:
        """A polynomial with the sign of `quantity`: its numerator, after all denominators proved one-signed."""
        scalar = exact(quantity)
        result = scalar.numerator
        for base, exponent in scalar.denominators:
            sign = self.sign(base)
            if not sign:
                raise UnknownSign(
                    f"division by {polynomial_text(base)}, which is not known to be positive; state it as a condition"
                )
            if sign < 0 and exponent % 2:
                result = -result
        return result

    def sign(self, polynomial: Polynomial) -> int | None:
        """+1 or −1 if the sign is plain from the facts, 0 for weakly positive, None if unknown."""
        return PlainSigns(self.facts.values(), self._nonnegative()).of(polynomial)

    def _nonnegative(self) -> frozenset[str]:
        """Squares and norms, which are nonnegative without any fact that says so."""
        norms = (variable_of(v.numerator) for v in self.geometry.norms.values() if not v.denominators)
        squares = {inner_product_name(v, v) for v in self.geometry.basis} if self.geometry.euclidean else set()
        return frozenset(squares | {n for n in norms if n is not None and n.startswith("|")})

    # -- the statement ---------------------------------------------------------------------------------

    def close(self) -> None:
        """Add the axioms of the geometry for all norms taken; call once, after everything was written down."""
        for vector, value in list(self.geometry.norms.items()):
            if (variable_of(value.numerator) or "").startswith("|"):
                strict = self.sign(self.geometry.squared_norm(vector).numerator) == 1
                self.assume(value, strict=strict, name=f"norm of {names(vector)}", note="norms are nonnegative")
        for name, zero in self.geometry.equations():
            self.equate(zero, 0, name=name, note="definition of the norm")
        for name, note, slack in self.geometry.axioms():
            if name.startswith("duality") and not self.randomness.drawn and self._random(slack):
                continue  # of what workers hold only lengths and means matter
            self.suppose(slack >= 0, name=name, note=note)
        if isinstance(self.geometry, Coordinatewise):
            self._inverses(self.geometry.inverses)

    def _random(self, value: Scalar) -> bool:
        return any(self.randomness.of(n) for n in value.variables)

    def _inverses(self, inverses: Inverses) -> None:
        """Write the definitions of the inverses used. **Raises:** UnknownSign if one is not known to exist."""
        for name, (_, u) in inverses.of.items():
            if self.sign(u) != 1:
                raise UnknownSign(f"division by {polynomial_text(u)}, which is not known to be positive")
            self.assume(Scalar.variable(name), strict=True, name=f"{name}>0", note="an inverse of a positive number")
        self.equations |= {e.name: e for e in inverses.equations()}

    def statement(self, conclusion: Polynomial, relation: str = ">=", extra: tuple[Fact, ...] = ()) -> Statement:
        """Everything known ⊢ conclusion, for the kernel; `extra` are the facts of a case."""
        facts = (*self.facts.values(), *extra)
        everything = [
            conclusion,
            *(f.polynomial for f in (*facts, *self.hypotheses.values(), *self.equations.values())),
        ]
        used = frozenset().union(*(p.variables for p in everything))
        moments = order(self.moments, used)
        used = used.union(n for m in moments for n, _ in m.monomial) - self.moments.keys()
        count = {Layered: COUNT, Coordinatewise: COORDINATES}.get(type(self.geometry))
        layers = () if count is None else (Functional(LAYERS, count),)
        used = used.union({count} if count else ())
        over = {True: frozenset({SAMPLE}), False: frozenset[str]()}
        random = self.randomness
        basis = sorted(self.geometry.basis) if self.geometry.euclidean else []
        vectors = {v: over[bool(random.vectors.get(v))] for v in basis}
        scalars = {n: over[bool(random.of(n))] for n in sorted(used) if not (vectors and n.startswith("<"))}
        scalars = {n: d | {LAYERS} if self.varies(n) else d for n, d in scalars.items()}
        return Statement(
            variables=scalars,
            vectors=vectors,
            conclusion=conclusion,
            relation=relation,
            facts=facts,
            hypotheses=tuple(self.hypotheses.values()),
            equations=tuple(self.equations.values()),
            functionals=(*random.functionals(), *layers),
            moments=moments,
        )


def _taken(symbol: str) -> str:
    return f"the parameter {symbol!r} has the name of a quantity that Certify makes itself; give it another symbol"
