"""Formulas as exact rational functions: powers with exponent N, roots, exponentials and logarithms become quantities.

A `Ledger` knows the domain of a claim (signs and ranges of its parameters, N ≥ 1) and what follows for these
quantities: 0 ≤ q ≤ 1 gives 0 ≤ q^N ≤ q, 0 ≤ p ≤ q gives p^N ≤ q^N, e^{−c} ≥ (1 − c/2)² for c ≤ 2, s² = e for s = √e.
Each premise of this kind is proved, and checked by the kernel, before the conclusion is used.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from certify.claims.claim import STEPS
from certify.claims.formulas import (
    Call,
    Formula,
    Name,
    Number,
    Power,
    Product,
    Quantity,
    Quotient,
    Sum,
)
from certify.claims.in_steps import affine, completed_root
from certify.claims.inequalities import SECONDS, proved
from certify.claims.layered import LARGEST, SUMMED
from certify.claims.squares import isqrt, square_root
from certify.kernel import Certificate, Polynomial, Statement
from certify.language.layer_sums import largest
from certify.language.scalar import Scalar
from certify.language.trace import Trace, UnknownSign

Prover = Callable[[Statement, float], Certificate | None]


class NotComparable(ValueError):
    """The formula is of a kind that is not understood in symbols; the message says which part."""


@dataclass(frozen=True)
class PowerOf:
    """The quantity `name` = base^N (or ≥ low^N if it is an exponential, whose base has no rational formula)."""

    name: str
    base: Scalar | None
    low: Scalar


@dataclass
class Ledger:
    """The domain of a claim, the quantities met so far, and the certificates of everything used about them."""

    trace: Trace
    steps: Scalar
    least: int
    values: Mapping[str, Scalar]
    powers: list[PowerOf] = field(default_factory=list)
    roots: dict[str, Scalar] = field(default_factory=dict)
    certificates: list[Certificate] = field(default_factory=list)
    own: frozenset[str] = frozenset()  # the quantities of the claim itself
    layers: str = ""
    made: set[str] = field(default_factory=set)  # sums and largest values over layers
    prover: Prover | None = None
    """Where certificates come from: `proved`, or a file that is being verified."""

    # -- scalars ---------------------------------------------------------------------------------------

    def scalar(self, formula: Formula) -> Scalar:
        """The formula as a rational function; raises `NotComparable`."""
        match formula:
            case Number(value):
                return Scalar.constant(value)
            case Name(name):
                if name == STEPS:
                    return self.steps
                return self.values[name] if name in self.values else Scalar.variable(name)
            case Sum(a, b):
                return self.scalar(a) + self.scalar(b)
            case Product(a, b):
                return self.scalar(a) * self.scalar(b)
            case Quotient(a, b):
                return self.over(self.scalar(a), self.scalar(b))
            case Power(a, b):
                return self.power(a, b)
            case Call(function, arguments):
                return self.call(function, arguments)
            case Quantity():
                raise NotComparable("a quantity at a point")

    def over(self, above: Scalar, below: Scalar) -> Scalar:
        if not below.numerator:
            raise NotComparable("a division by zero")
        return above / below

    def power(self, base: Formula, exponent: Formula) -> Scalar:
        """base^(aN + b) with whole numbers (a half is a root)."""
        number = self.scalar(base)
        growth = self.scalar(exponent)
        if (parts := affine(growth, self.steps)) is None:
            raise NotComparable("an exponent that is not affine in N")
        a, b = parts
        if a == 0:
            if b.denominator == 2:
                number, b = self.root(number), 2 * b
            if b.denominator != 1 or abs(b) > 40:
                raise NotComparable("an exponent that is no whole number")
            return self.over(Scalar.constant(1), number ** int(-b)) if b < 0 else number ** int(b)
        if a.denominator == 2:
            number, a, b = self.root(number), 2 * a, 2 * b
        if a.denominator != 1 or b.denominator != 1 or abs(a) > 8 or abs(b) > 8:
            raise NotComparable("an exponent that is not a N + b with small whole numbers a and b")
        if a < 0:
            number, a, b = self.over(Scalar.constant(1), number), -a, -b
        found = self.power_of(number ** int(a))
        rest = number ** int(abs(b))
        return found * rest if b >= 0 else self.over(found, rest)

    def power_of(self, base: Scalar) -> Scalar:
        """The quantity base^N."""
        constant = base.as_constant()
        if constant is not None and constant in (0, 1):
            return Scalar.constant(constant)
        for known in self.powers:
            if known.base is not None and known.base == base:
                return Scalar.variable(known.name)
        if constant is None and base.denominators and base.numerator.as_constant() is not None:
            return self.over(Scalar.constant(1), self.power_of(1 / base))
        self.require(base, "a number that is raised to the power N may be negative")
        found = self._new_power(base, base)
        if (simpler := square_root(base)) is not None:
            for number in (simpler, -simpler):
                if self.holds(number):
                    inner = self.power_of(number)
                    self.trace.equate(found, inner**2, name=f"square of {inner.numerator.to_json()}", note="(q²)^N")
                    break
        return found

    def _new_power(self, base: Scalar | None, low: Scalar) -> Scalar:
        name = f"pow{len(self.powers)}"
        found = Scalar.variable(name)
        strict = base is None or self.holds(base, strict=True)
        self.trace.assume(found, strict=strict, name=f"{name}≥0", note="a power of a nonnegative number")
        if base is not None and self.holds(1 - base):
            self.trace.assume(base**self.least - found, name=f"{name}≤", note="0 ≤ q ≤ 1 and N ≥ its least value")
        elif base is not None and self.holds(base - 1):
            self.trace.assume(found - 1, name=f"{name}≥1", note="q ≥ 1")
            bernoulli = 1 + self.steps * (base - 1)
            self.trace.assume(found - bernoulli, name=f"{name}≥B", note="q^N ≥ 1 + N(q − 1)")
        elif base is None:
            self.trace.assume(1 - found, name=f"{name}≤1", note="an exponential of a negative number")
        for other in self.powers:
            for small, large in ((other, PowerOf(name, base, low)), (PowerOf(name, base, low), other)):
                if small.base is not None and self.holds(large.low - small.base):
                    order = Scalar.variable(large.name) - Scalar.variable(small.name)
                    self.trace.assume(order, name=f"{small.name}≤{large.name}", note="0 ≤ p ≤ q gives p^N ≤ q^N")
        self.powers.append(PowerOf(name, base, low))
        return found

    def root(self, number: Scalar) -> Scalar:
        """√number, a quantity with its square."""
        constant = number.as_constant()
        if constant is not None and constant >= 0:
            top, bottom = isqrt(constant.numerator), isqrt(constant.denominator)
            if top is not None and bottom is not None:
                return Scalar.constant(Fraction(top, bottom))
        for name, inside in self.roots.items():
            if name.startswith("root") and inside == number:
                return Scalar.variable(name)
            if name.startswith("root") and (times := self._multiple(number, inside)) is not None:
                return times * Scalar.variable(name)
        self.require(number, "the root of a number that may be negative")
        name = f"root{len(self.roots)}"
        found = Scalar.variable(name)
        strict = self.holds(number, strict=True)
        self.trace.assume(found, strict=strict, name=f"{name}≥0", note="roots are nonnegative")
        self.trace.equate(found**2, number, name=f"square of {name}", note="definition of the root")
        if self.holds(number - 1):
            strict = self.holds(number - 1, strict=True)
            self.trace.assume(found - 1, strict=strict, name=f"{name}≥1", note="roots are increasing")
        elif self.holds(1 - number):
            strict = self.holds(1 - number, strict=True)
            self.trace.assume(1 - found, strict=strict, name=f"{name}≤1", note="roots are increasing")
        for other, inside in [(n, q) for n, q in self.roots.items() if n.startswith("root")]:
            self._ordered((name, number), (other, inside))
            self._ordered((other, inside), (name, number))
        self.roots[name] = number
        return found

    def _ordered(self, larger: tuple[str, Scalar], smaller: tuple[str, Scalar]) -> None:
        """√p ≥ x √q or the reverse, with x ≥ 0 such that p/q = x² but for a constant."""
        (name, p), (other, q) = larger, smaller
        times = completed_root(p / q) if q.numerator else None
        if times is None or not self.holds(times):
            return
        difference = Scalar.variable(name) - times * Scalar.variable(other)
        for sign in (1, -1):
            if self.holds(sign * (p - times**2 * q)):
                note = "roots are increasing"
                self.trace.assume(sign * difference, name=f"{name}{'≥' if sign > 0 else '≤'}{other}", note=note)

    def _multiple(self, number: Scalar, inside: Scalar) -> Scalar | None:
        """q ≥ 0 with number = q² · inside, so that √number = q √inside; None if there is no such rational function."""
        factor = square_root(number / inside) if inside.numerator else None
        for times in () if factor is None else (factor, -factor):
            try:
                if self.holds(times):
                    return times
            except NotComparable:  # its denominator may vanish
                return None
        return None

    def call(self, function: str, arguments: tuple[Formula, ...]) -> Scalar:
        if function == "sqrt":
            return self.root(self.scalar(arguments[0]))
        if function == "exp":
            return self.exponential(self.scalar(arguments[0]))
        if function in ("log", "log2"):
            found = self.logarithm(self.scalar(arguments[0]))
            return found if function == "log" else found / self.log_two()
        if function in (SUMMED, LARGEST):
            return self.of_layers(function, self.scalar(arguments[0]))
        raise NotComparable(f"{function} inside another formula")

    def of_layers(self, function: str, inside: Scalar) -> Scalar:
        """The sum over all layers, or the largest value; the quantity itself if there is one layer."""
        if self.layers == "one":
            return inside
        if self.layers != "several":
            raise NotComparable("a sum over layers")
        try:
            found = self.trace.total(inside) if function == SUMMED else largest(self.trace, inside)
        except UnknownSign as error:
            raise NotComparable(str(error)) from error
        self.made |= found.variables
        return found

    def exponential(self, exponent: Scalar) -> Scalar:
        """e^(−cN) with c ≥ 0: at least (1 − c/2)^2N if c ≤ 2, and at least (1 − c)^N."""
        c = -exponent / self.steps
        if not self.steps.variables & c.variables and self.holds(c):
            low = (1 - c / 2) ** 2 if self.holds(2 - c) else 1 - c
            for known in self.powers:
                if known.base is None and known.low == low:
                    return Scalar.variable(known.name)
            return self._new_power(None, low)
        raise NotComparable("an exponential other than exp(−c N) with c ≥ 0")

    def logarithm(self, inside: Scalar) -> Scalar:
        """log(inside), which is at most inside − 1, and nonnegative if inside ≥ 1; log p − log q for a quotient."""
        if not inside.denominators:
            return self._logarithm(inside)
        below = Scalar.constant(1)
        for base, exponent in inside.denominators:
            below = below * Scalar(base) ** exponent
        above = Scalar(inside.numerator)
        if not (self.holds(above, strict=True) and self.holds(below, strict=True)):
            return self._logarithm(inside)
        found = self._logarithm(above) - self._logarithm(below)
        self.trace.assume(inside - 1 - found, name=f"log{len(self.roots)}q≤", note="log x ≤ x − 1")
        if self.holds(inside - 1):
            self.trace.assume(found, name=f"log{len(self.roots)}q≥0", note="log x ≥ 0 for x ≥ 1")
        return found

    def _logarithm(self, inside: Scalar) -> Scalar:
        for name, known in self.roots.items():
            if name.startswith("log") and known == inside:
                return Scalar.variable(name)
        self.require(inside, "the logarithm of a number that may be negative", strict=True)
        name = f"log{len(self.roots)}"
        found = Scalar.variable(name)
        self.trace.assume(inside - 1 - found, name=f"{name}≤", note="log x ≤ x − 1")
        if self.holds(inside - 1):
            strict = self.holds(inside - 1, strict=True)
            self.trace.assume(found, strict=strict, name=f"{name}≥0", note="log x ≥ 0 for x ≥ 1")
        self.roots[name] = inside
        return found

    def log_two(self) -> Scalar:
        """log 2, between two rational numbers."""
        found = Scalar.variable("ln2")
        if "ln2" not in self.roots:
            self.roots["ln2"] = Scalar.constant(2)
            self.trace.assume(found, strict=True, name="ln2>0", note="log 2 > 0")
            low, high = Fraction(693147, 10**6), Fraction(693148, 10**6)
            self.trace.assume(found - low, name="ln2≥", note="log 2 ≥ 0.693147")
            self.trace.assume(high - found, name="ln2≤", note="log 2 ≤ 0.693148")
        return found

    def known(self, name: str) -> bool:
        """Whether a quantity is one of the claim, or was introduced here."""
        return name in self.own or name in self.roots or name in self.made or any(name == p.name for p in self.powers)

    # -- inequalities ----------------------------------------------------------------------------------

    def require(self, number: Scalar, why: str, *, strict: bool = False) -> None:
        """Prove number ≥ 0 (> 0) or raise `NotComparable`."""
        if not self.holds(number, strict=strict):
            raise NotComparable(why)

    def holds(self, number: Scalar, *, strict: bool = False, seconds: float = SECONDS) -> bool:
        """Whether number ≥ 0 (> 0) on the whole domain is proved now; the certificate is kept."""
        try:
            polynomial = self.trace.cleared(number)
        except UnknownSign as error:
            raise NotComparable(str(error)) from error
        constant = polynomial.as_constant()
        if constant is not None:
            return constant > 0 or (constant == 0 and not strict)
        statement = self.statement(polynomial, ">" if strict else ">=")
        certificate = (self.prover or proved)(statement, seconds)
        if certificate is not None:
            self.certificates.append(certificate)
        return certificate is not None

    def statement(self, polynomial: Polynomial, relation: str) -> Statement:
        """Everything known about the quantities that have to do with this polynomial."""
        whole = self.trace.statement(polynomial, relation, extra=())
        strict = {f.polynomial for f in whole.facts if f.strict}
        facts = tuple(f for f in whole.facts if f.strict or f.polynomial not in strict)
        atoms = {p.name for p in self.powers} | set(self.roots)
        used = {n for n in polynomial.variables if n in atoms}
        while True:  # an equation brings the quantities in it along
            more = [e.polynomial.variables & atoms for e in whole.equations if e.polynomial.variables & used]
            new = used.union(*more)
            if new == used:
                break
            used = new
        equations = tuple(e for e in whole.equations if e.polynomial.variables & atoms <= used)
        facts = tuple(f for f in facts if f.polynomial.variables & atoms <= used)
        linked = polynomial.variables.union(*(e.polynomial.variables for e in equations))
        while True:
            more = [f.polynomial.variables for f in facts if f.polynomial.variables & linked]
            wider = linked.union(*more)
            if wider == linked:
                break
            linked = wider
        facts = tuple(f for f in facts if f.polynomial.variables <= linked)
        if self.layers:  # sums over layers are numbers of which only facts are used
            names = linked.union(*(f.polynomial.variables for f in facts))
            variables = dict.fromkeys(sorted(names), frozenset[str]())
        else:
            variables = {n: d for n, d in whole.variables.items() if n in linked}
        return Statement(variables, polynomial, relation, facts=facts, equations=equations)
