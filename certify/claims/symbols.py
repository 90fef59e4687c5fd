"""Formulas as exact rational functions: powers with exponent N, roots, exponentials and logarithms become quantities.

A `Ledger` knows the domain of a claim (signs and ranges of its parameters, N ≥ 1) and what follows for these quantities:
0 ≤ q ≤ 1 gives 0 ≤ q^N ≤ q, p ≤ q gives p^N ≤ q^N, e^{−c} ≥ 1 − c, s² = e for s = √e. Each premise of this kind is an
obligation that is proved and checked by the kernel before the conclusion is used.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import product


from certify.claims.claim import STEPS, Claim
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
    replaced,
    substituted,
    walk,
)
from certify.claims.parser import Comparison
from certify.kernel import Certificate, Fact, Polynomial, Proof, Rejected, Statement, Term, check
from certify.language.rings import factor
from certify.language.scalar import Scalar
from certify.language.trace import OutOfDomain, Trace, UnknownSign

from certify.prove.products import find_proof
from certify.prove.signs import Signs

MAX_CASES = 16
SIMPLE = (0.0, 0.01, 0.1, 0.25, 0.5, 0.9, 1.0, 1.1, 1.5, 2.0, 3.0, 4.0, 10.0)
SECONDS = 4.0
INDEX = "i"
"""N = least + i with i ≥ 0."""


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
        a, b = _affine(growth, self.steps)
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
        if (simpler := _square_root(base)) is not None:
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
            top, bottom = _isqrt(constant.numerator), _isqrt(constant.denominator)
            if top is not None and bottom is not None:
                return Scalar.constant(Fraction(top, bottom))
        for name, inside in self.roots.items():
            if name.startswith("root") and inside == number:
                return Scalar.variable(name)
        self.require(number, "the root of a number that may be negative")
        name = f"root{len(self.roots)}"
        found = Scalar.variable(name)
        strict = self.holds(number, strict=True)
        self.trace.assume(found, strict=strict, name=f"{name}≥0", note="roots are nonnegative")
        self.trace.equate(found**2, number, name=f"square of {name}", note="definition of the root")
        if self.holds(number - 1):
            self.trace.assume(found - 1, name=f"{name}≥1", note="roots are increasing")
        self.roots[name] = number
        return found

    def call(self, function: str, arguments: tuple[Formula, ...]) -> Scalar:
        if function == "sqrt":
            return self.root(self.scalar(arguments[0]))
        if function == "exp":
            return self.exponential(self.scalar(arguments[0]))
        if function in ("log", "log2"):
            found = self.logarithm(self.scalar(arguments[0]))
            return found if function == "log" else found / self.log_two()
        raise NotComparable(f"{function} inside another formula")

    def exponential(self, exponent: Scalar) -> Scalar:
        """e^(−cN) with c ≥ 0: at least (1 − c)^N."""
        c = -exponent / self.steps
        if not self.steps.variables & c.variables and self.holds(c):
            for known in self.powers:
                if known.base is None and known.low == 1 - c:
                    return Scalar.variable(known.name)
            return self._new_power(None, 1 - c)
        raise NotComparable("an exponential other than exp(−c N) with c ≥ 0")

    def logarithm(self, inside: Scalar) -> Scalar:
        """log(inside), which is at most inside − 1, and nonnegative if inside ≥ 1."""
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
        variables = {n: d for n, d in whole.variables.items() if n in linked}
        return Statement(variables, polynomial, relation, facts=facts, equations=equations)


def proved(statement: Statement, seconds: float = SECONDS) -> Certificate | None:
    """A certificate that the kernel has accepted, or None."""
    if plainly_false(statement):
        return None
    if statement.relation == ">":
        return _strictly(statement, seconds)
    if not statement.equations and (terms := Signs(statement.facts).nonnegative(statement.conclusion)) is not None:
        if found := _checked(statement, Proof(terms)):
            return found
    common, rest = _content(statement)
    smaller = replace(statement, conclusion=rest)
    proof = find_proof(smaller, _squares(smaller), seconds=seconds, max_degree=7, max_multiplier=1, plain=False)
    return None if proof is None else _checked(statement, _times(proof, common, statement))


def _content(statement: Statement) -> tuple[dict[str, int], Polynomial]:
    """Quantities that are known to be nonnegative and divide the conclusion, and what is left of it."""
    known = {n for f in statement.facts for n in f.polynomial.variables if f.polynomial == Polynomial.variable(n)}
    monomials = [dict(m) for m, _ in statement.conclusion]
    common = {n: min(m.get(n, 0) for m in monomials) for n in known}
    common = {n: e for n, e in common.items() if e}
    left = {tuple((n, e - common.get(n, 0)) for n, e in m if e > common.get(n, 0)): c for m, c in statement.conclusion}
    return common, Polynomial(left)


def _times(proof: Proof, common: Mapping[str, int], statement: Statement) -> Proof:
    """The proof of the product with quantities that are nonnegative."""
    if not common:
        return proof
    names = {f.polynomial: f.name for f in statement.facts}
    powers = {names[Polynomial.variable(n)]: e for n, e in common.items()}
    whole = Polynomial.constant(1)
    for name, exponent in common.items():
        whole = whole * Polynomial.variable(name) ** exponent
    terms = tuple(
        replace(t, factors={n: t.factors.get(n, 0) + powers.get(n, 0) for n in {*t.factors, *powers}})
        for t in proof.terms
    )
    return replace(proof, terms=terms, equations=tuple(replace(e, factor=e.factor * whole) for e in proof.equations))


def plainly_false(statement: Statement, draws: int = 300) -> bool:
    """Whether some simple numbers satisfy all facts and contradict the conclusion (in floats: it only saves time)."""
    if statement.equations:
        return False
    generator = random.Random(0)  # noqa: S311
    names = sorted({n for p in (statement.conclusion, *(f.polynomial for f in statement.facts)) for n in p.variables})
    for _ in range(draws):
        point = {n: generator.choice(SIMPLE) for n in names}
        if (
            all(_value(f.polynomial, point) >= 0 for f in statement.facts)
            and _value(statement.conclusion, point) < -1e-9
        ):
            return True
    return False


def _value(polynomial: Polynomial, point: Mapping[str, float]) -> float:
    total = 0.0
    for monomial, coefficient in polynomial:
        term = float(coefficient)
        for name, exponent in monomial:
            term *= point[name] ** exponent
        total += term
    return total


def _strictly(statement: Statement, seconds: float) -> Certificate | None:
    """p > 0, from p ≥ c · (product of strict facts) ≥ 0."""
    strict = [f for f in statement.facts if f.strict]
    if (terms := Signs(statement.facts).nonnegative(statement.conclusion)) and not statement.equations:
        if found := _checked(statement, Proof(terms)):
            return found
    products = [(f,) for f in strict] + [(f, g) for i, f in enumerate(strict) for g in strict[i:]]
    for factors in [(), *products][:24]:
        below = Polynomial.constant(1)
        for fact in factors:
            below = below * fact.polynomial
        for size in (Fraction(1), Fraction(1, 4)):
            weak = replace(statement, conclusion=statement.conclusion - below.scale(size), relation=">=")
            proof = find_proof(weak, seconds=seconds / 8, max_degree=3, max_multiplier=0, plain=False)
            if proof is not None:
                powers: dict[str, int] = {}
                for fact in factors:
                    powers[fact.name] = powers.get(fact.name, 0) + 1
                whole = Proof((*proof.terms, Term(size, powers)), proof.equations)
                if found := _checked(statement, whole):
                    return found
    return None


def _squares(statement: Statement) -> list[Polynomial]:
    """Differences of parameters, whose squares may help."""
    names = sorted(n for n in statement.conclusion.variables)[:6]
    single = [Polynomial.variable(n) for n in names]
    pairs = [(a, b) for i, a in enumerate(single) for b in single[:i]]
    one = Polynomial.constant(1)
    return [*(a - b for a, b in pairs), *(one - a * b for a, b in pairs)][:24]


def _checked(statement: Statement, proof: Proof) -> Certificate | None:
    certificate = Certificate(statement, proof)
    try:
        check(certificate)
    except Rejected:
        return None
    return certificate


def _affine(exponent: Scalar, steps: Scalar) -> tuple[Fraction, Fraction]:
    """a and b with exponent = a · steps + b."""
    m = Polynomial.variable(INDEX)
    slope = Fraction(0)
    for monomial, coefficient in exponent.numerator:
        if monomial == tuple(m.terms)[0]:
            slope = coefficient
    rest = (exponent - slope * steps).as_constant()
    if rest is None:
        raise NotComparable("an exponent that is not affine in N")
    return slope, rest


def _square_root(number: Scalar) -> Scalar | None:
    """A rational function whose square is this one."""
    content, factors = factor(number.numerator)
    top, bottom = _isqrt(abs(content.numerator)), _isqrt(content.denominator)
    everything = (*factors, *number.denominators)
    if content < 0 or top is None or bottom is None or any(e % 2 for _, e in everything) or not everything:
        return None
    found = Scalar.constant(Fraction(top, bottom))
    for base, exponent in factors:
        found = found * Scalar(base) ** (exponent // 2)
    for base, exponent in number.denominators:
        found = found / Scalar(base) ** (exponent // 2)
    return found


def _isqrt(value: int) -> int | None:
    from math import isqrt

    found = isqrt(value)
    return found if found * found == value else None


# -- cases of max and min -----------------------------------------------------------------------------------


def cases(formula: Formula) -> Iterator[tuple[tuple[tuple[Formula, Formula], ...], Formula]]:
    """The formula without max and min, and the pairs (larger, smaller) of the case; together they cover everything."""
    calls = list(dict.fromkeys(p for p in walk(formula) if isinstance(p, Call) and p.function in ("max", "min")))
    inner = [
        c
        for c in calls
        if not any(isinstance(p, Call) and p.function in ("max", "min") for a in c.arguments for p in walk(a))
    ]
    if not inner:
        yield (), formula
        return
    call = inner[0]
    for chosen in call.arguments:
        others = [a for a in call.arguments if a != chosen]
        order = tuple((chosen, o) if call.function == "max" else (o, chosen) for o in others)
        simpler = replaced(formula, lambda f, c=chosen: c if f == call else None)
        for more, rest in cases(simpler):
            yield (*order, *more), rest


def all_cases(*formulas: Formula) -> list[tuple[tuple[tuple[Formula, Formula], ...], tuple[Formula, ...]]]:
    """Cases of several formulas at once; raises `NotComparable` if there are too many."""
    found = []
    for combination in product(*(list(cases(f)) for f in formulas)):
        found.append((tuple(o for c, _ in combination for o in c), tuple(f for _, f in combination)))
    if len(found) > MAX_CASES:
        raise NotComparable("too many cases of max and min")
    return found


# -- the domain of a claim ------------------------------------------------------------------------------------


def ledger(claim: Claim, order: tuple[tuple[Formula, Formula], ...] = (), prover: Prover | None = None) -> Ledger:
    """The domain of a claim in symbols, and in addition larger ≥ smaller for the pairs in `order`.

    Raises `OutOfDomain` if it is empty, `NotComparable` if a condition cannot be written down.
    """
    trace = Trace("euclidean")
    owners = (claim.method, *claim.assumptions)
    tied = set(claim.values)
    for owner in owners:
        for symbol, parameter in owner.parameters().items():
            if symbol not in tied and symbol != claim.method.horizon():
                trace.scalar(symbol, sign="positive" if parameter.strict else "nonnegative", note=f"domain of {symbol}")
    for name in ("R", "Delta0", "G0"):
        sign = "positive" if claim.complexity is not None else "nonnegative"
        trace.scalar(name, sign=sign, note=f"{name} ≥ 0" if sign == "nonnegative" else "x₀ is not optimal")
    m = trace.scalar(INDEX, sign="nonnegative", note="N at least its least value")
    steps = Scalar.constant(claim.steps) if claim.steps is not None else m + claim.least
    found = Ledger(trace, steps, max(claim.least, 0), {}, prover=prover)
    ready: list[Comparison] = list(claim.conditions)
    for owner in claim.assumptions:
        bound = owner(**{s: Scalar.variable(s) for s in owner.parameters()})
        for relation in bound.domain():
            slack = relation.slack.substitute(
                {n: found.scalar(claim.values[n]) for n in tied & relation.slack.variables}
            )
            _assume(found, slack, True, f"domain of {owner.name}")  # as declarations are posed
    for i, condition in enumerate(ready):
        left, right = (substituted(f, dict(claim.values)) for f in (condition.left, condition.right))
        if condition.relation in (">=", ">"):
            left, right = right, left
        slack = found.scalar(right) - found.scalar(left)
        if condition.relation == "=":
            trace.equate(slack, 0, name=f"where[{i}]", note=condition.text)
        else:
            _assume(found, slack, condition.relation in ("<", ">"), f"where[{i}]", condition.text)
    values: dict[str, Scalar] = {}
    for symbol, formula in claim.values.items():
        parameter = claim.parameters[symbol]
        values[symbol] = found.scalar(formula)
        _assume(found, values[symbol], parameter.strict, f"{symbol} in its domain")
    found.values = values
    for i, (large, small) in enumerate(order):
        _assume(found, found.scalar(large) - found.scalar(small), False, f"case[{i}]")
    return found


def _assume(found: Ledger, slack: Scalar, strict: bool, name: str, note: str = "") -> None:
    try:
        found.trace.assume(slack, strict=strict, name=name, note=note or name)
    except UnknownSign as error:
        raise NotComparable(str(error)) from error
