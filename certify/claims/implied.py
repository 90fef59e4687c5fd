"""Whether a proved theorem implies a claim: its measure and iterates fit, its conditions hold, its bound is as small.

Every comparison is a polynomial inequality on the domain of the claim, with a certificate that the kernel has accepted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from certify.claims.claim import ACCURACY, Claim, Measured
from certify.claims.consequences import Cases, Consequence, conditions, consequences, number, power_of, stops
from certify.claims.domain import all_cases, ledger
from certify.claims.formulas import Call, Formula, Name, names, replaced, walk
from certify.claims.symbols import Ledger, NotComparable, Prover
from certify.kernel import Certificate, Polynomial
from certify.language import SUBGRADIENT2, Problem
from certify.language.energy_goals import EnergyContraction
from certify.language.goals import Contraction, FiniteDecrease, Goal, Monotone
from certify.language.scalar import Scalar
from certify.language.trace import OutOfDomain, UnknownSign

FACTORS = tuple(Fraction(n, d) for n, d in ((9, 10), (3, 4), (2, 3), (1, 2), (1, 3), (1, 4), (1, 8)))
"""Constants by which a bound that is loose may be multiplied."""
LOG = "logarithm"


@dataclass(frozen=True)
class Implied:
    """The certificates of the comparison, and the smallest of `FACTORS` times the claimed bound that is implied too."""

    certificates: tuple[Certificate, ...]
    factor: Fraction | None = None
    identical: bool = False
    """Whether the bound of the theorem is the claimed one."""


def implied(claim: Claim, problem: Problem, cases: Cases, prover: Prover | None = None) -> Implied:
    """The comparison of a claim about N steps with what a proved problem implies; raises `NotComparable`."""
    found = _compared(claim, problem, cases, Fraction(1), prover)
    if claim.complexity is not None or found.identical or prover is not None:
        return found
    for factor in FACTORS:  # from the largest: most bounds are not loose, and one attempt says so
        try:
            _compared(claim, problem, cases, factor, None)
        except NotComparable:
            break
        found = replace(found, factor=factor)
    return found


def _compared(claim: Claim, problem: Problem, cases: Cases, factor: Fraction, prover: Prover | None) -> Implied:
    what, power, divisor = in_words(claim, *power_of(problem))
    optimal = isinstance(problem.goal, FiniteDecrease)
    if what != claim.measured.what and not (optimal and claim.measured.what == "gap"):
        raise NotComparable(f"the theorem is about another measure, {what}")
    if stops(problem) and claim.measured.what not in ("gap", "subgradient"):
        raise NotComparable("after a minimiser is reached the distance law says nothing")
    if claim.least < 1 and (stops(problem) or not _from_the_start(problem.goal)):
        raise NotComparable("the theorem is about one step at least, and the claim about N = 0 too")
    whole = claim.bound if claim.complexity is None else claim.complexity
    certificates: list[Certificate] = []
    results: list[bool] = []
    for order, (formula,) in all_cases(whole):
        try:
            outer = ledger(claim, order, prover)
        except OutOfDomain:
            continue
        _in_range(outer, problem)
        certificates += outer.certificates
        offered: dict[tuple[Polynomial, ...], list[Consequence]] = {}
        for consequence in consequences(problem, cases):
            offered.setdefault(consequence.conditions, []).append(consequence)
        for case, several in offered.items():
            fitting = [c for c in several if fits(claim, claim.measured, c)]
            if not fitting:
                raise NotComparable("the theorem is about other iterates")
            fitting = [divided(c, divisor) for c in fitting]
            results.append(_case(claim, order, case, fitting, formula, power, factor, certificates, prover))
    if not results:
        raise NotComparable("no case of the theorem applies")
    return Implied(tuple(certificates), identical=all(results))


def _from_the_start(goal: Goal) -> bool:
    """Whether the bound holds before the first step, too."""
    return isinstance(goal, Contraction | Monotone) and not isinstance(goal, EnergyContraction)


def in_words(claim: Claim, what: str, power: int) -> tuple[str, int, str]:
    """What a theorem measures in the words of the claim, its power, and by which parameter its bound is to be divided.

    Where the space is one layer Σᵢ tᵢ‖∇ᵢf‖* is t‖∇f‖*.
    """
    one = {"gradients": (1, ""), "radius-gradients": (1, "t"), "squared-gradients": (2, "gamma")}
    if claim.layers == "one" and what in one:
        power, divisor = one[what]
        return "gradient", power, divisor
    return ("subgradient" if what == SUBGRADIENT2.name else what), power, ""


def divided(found: Consequence, symbol: str) -> Consequence:
    """The consequence for a measure that is multiplied by a parameter in the theorem."""
    if not symbol:
        return found
    return replace(found, bound=lambda ledger: ledger.over(found.bound(ledger), ledger.scalar(Name(symbol))))


def _in_range(here: Ledger, problem: Problem) -> None:
    for symbol, value in problem.theorem.at:
        if here.scalar(Name(symbol)) != Scalar.constant(value):
            raise NotComparable(f"the theorem is about {symbol} = {value} only")
    for fact in conditions(problem)[0]:
        if not here.holds(number(here, Scalar(fact.polynomial)), strict=fact.strict):
            raise NotComparable(f"the theorem asks for {fact.note or fact.name}, which the claim does not grant")


def _case(
    claim: Claim,
    order: tuple[tuple[Formula, Formula], ...],
    case: Sequence[Polynomial],
    fitting: Sequence[Consequence],
    formula: Formula,
    power: int,
    factor: Fraction,
    certificates: list[Certificate],
    prover: Prover | None,
) -> bool:
    """Prove the claim in one case of the theorem, by one of the consequences; whether the bounds are the same."""
    reasons = []
    for consequence in fitting:
        try:
            here = ledger(claim, order, prover)
            for i, condition in enumerate(case):
                here.trace.assume(number(here, Scalar(condition)), name=f"theorem case[{i}]")
        except OutOfDomain:
            return True
        except UnknownSign as error:
            raise NotComparable(str(error)) from error
        try:
            if consequence.optimal:
                return _terminates(claim, here, consequence, formula, certificates)
            if claim.complexity is not None:
                return _complexity(claim, here, consequence, formula, power, certificates)
            return _bounded(claim, here, consequence, formula, power, factor, certificates)
        except NotComparable as reason:
            reasons.append(str(reason))
        except (OutOfDomain, UnknownSign) as reason:
            reasons.append(str(reason))
    raise NotComparable("; ".join(dict.fromkeys(reasons)))


def _bounded(
    claim: Claim,
    here: Ledger,
    consequence: Consequence,
    formula: Formula,
    power: int,
    factor: Fraction,
    certificates: list[Certificate],
) -> bool:
    theirs = here.scalar(formula)
    if "fstar" in theirs.variables:
        raise NotComparable("a bound in which f⋆ does not cancel")
    if consequence.larger is not None:
        if not here.holds(theirs):
            raise NotComparable("a bound that may be negative")
        large, small = (
            Scalar.variable(n) if n in ("R",) else here.values.get(n, Scalar.variable(n)) for n in consequence.larger
        )
        here.trace.assume(large - small, name="reach", note="else the next point is optimal")
    elif power > claim.measured.power and not here.holds(theirs):
        raise NotComparable("a bound that may be negative")
    if power > claim.measured.power:
        theirs = theirs * theirs
        for known in list(here.powers):  # p^N · p^N is (p²)^N
            if known.base is not None and known.name in theirs.variables:
                here.power_of(known.base**2)
    elif power < claim.measured.power:
        raise NotComparable("another power of the measure")
    if (
        claim.measured.iterate == "best"
        and consequence.iterate != "last"
        and consequence.before > claim.measured.before
    ):
        here.steps = here.steps + 1  # one step more shows the iterates up to x_N
    elif claim.measured.iterate in ("values", "average", "weighted") and consequence.before > claim.measured.before:
        here.steps = here.steps + 1
    if claim.layers == "several" and any(map(here.trace.varies, theirs.variables)):
        raise NotComparable("a bound with what differs from layer to layer, outside of a sum")
    if consequence.needed is not None:
        aim = factor * theirs
        if not here.holds(here.steps - consequence.needed(here, aim), seconds=8.0 if factor == 1 else 2.0):
            raise NotComparable("the number of steps of the theorem is not proved to be at most the claimed one")
        certificates += here.certificates
        return False
    ours = consequence.bound(here)
    if factor == 1 and (theirs == ours or (here.trace.equations and here.holds(ours - theirs))):
        return _kept(here, theirs - ours, certificates)
    if not here.holds(factor * theirs - ours, seconds=8.0 if factor == 1 else 2.0):
        raise NotComparable("the bound of the theorem is not proved to be at most the claimed one")
    certificates += here.certificates
    return False


def _kept(here: Ledger, difference: Scalar, certificates: list[Certificate]) -> bool:
    """Whether the difference is ≤ 0, as is known, and ≥ 0 as well."""
    if not here.holds(difference):
        raise NotComparable("the bound of the theorem is not proved to be at most the claimed one")
    certificates += here.certificates
    return True


def _terminates(
    claim: Claim, here: Ledger, consequence: Consequence, formula: Formula, certificates: list[Certificate]
) -> bool:
    """x_N is optimal for N ≥ V₀/amount: any claim that the gap is at most ε > 0 after at least so many steps."""
    if claim.complexity is None or ACCURACY in names(formula):
        raise NotComparable("the theorem is about the number of steps after which a point is optimal")
    theirs, ours = here.scalar(formula), consequence.bound(here)
    if theirs != ours and not here.holds(theirs - ours):
        raise NotComparable("the number of steps of the theorem is not proved to be at most the claimed one")
    certificates += here.certificates
    return theirs == ours


def _complexity(
    claim: Claim,
    here: Ledger,
    consequence: Consequence,
    formula: Formula,
    power: int,
    certificates: list[Certificate],
) -> bool:
    """measure ≤ ε for all N ≥ complexity(ε)."""
    accuracy = Scalar.variable(ACCURACY)
    target = accuracy * accuracy if power > claim.measured.power else accuracy
    logs = [p for p in walk(formula) if isinstance(p, Call) and p.function == "log"]
    if logs:
        _geometric(here, consequence, formula, logs[0], power > claim.measured.power, certificates)
        return False
    steps = here.scalar(formula)
    if claim.layers == "several" and any(map(here.trace.varies, steps.variables)):
        raise NotComparable("a number of steps with what differs from layer to layer, outside of a sum")
    if consequence.needed is not None:
        ours = consequence.needed(here, target)
        if steps != ours and not here.holds(steps - ours, seconds=8.0):
            raise NotComparable("the number of steps of the theorem is not proved to be at most the claimed one")
        certificates += here.certificates
        return steps == ours
    here.require(steps, "a number of steps that may be negative")
    here.steps = steps + Scalar.variable("i")
    ours = consequence.bound(here)
    if not here.holds(target - ours, seconds=8.0):
        raise NotComparable("the number of steps of the theorem is not proved to be at most the claimed one")
    certificates += here.certificates
    return False


def _geometric(
    here: Ledger, consequence: Consequence, formula: Formula, log: Call, squared: bool, certificates: list[Certificate]
) -> None:
    """ρ^N V₀ ≤ ε for N ≥ A log(U) if ρ ≤ 1 − 1/A and V₀ ≤ U ε: for ρ^N ≤ e^(−N/A) ≤ 1/U.

    With a measure that is squared in the theorem, 2A takes the place of A and U² that of U.
    """
    linear = here.scalar(replaced(formula, lambda f: Name(LOG) if f == log else None))
    factor = here.over(linear, Scalar.variable(LOG))
    if LOG in factor.variables:
        raise NotComparable("a number of steps that is no multiple of a logarithm")
    inside = here.scalar(log.arguments[0])
    here.require(factor, "a negative number of steps", strict=True)
    here.require(inside, "the logarithm of a number that may be negative", strict=True)
    ours = consequence.bound(here)
    powers = [p for p in here.powers if p.name in ours.variables]
    if len(powers) != 1 or powers[0].base is None:
        raise NotComparable("the theorem has no linear rate")
    start = here.over(ours, Scalar.variable(powers[0].name))
    if powers[0].name in start.variables:
        raise NotComparable("errors do not vanish")
    here.require(1 - here.over(Scalar.constant(2 if squared else 1), factor) - powers[0].base, "the rate is too slow")
    target = Scalar.variable(ACCURACY) * inside
    here.require((target * target if squared else target) - start, "the logarithm is of too small a number")
    certificates += here.certificates


def fits(claim: Claim, measured: Measured, found: Consequence) -> bool:
    """Whether a bound for the iterates of `found` is one for those that the claim measures."""
    inside = found.first >= measured.first and found.before >= measured.before
    same = found.first == measured.first and found.before >= measured.before
    match measured.iterate:
        case "last":
            return found.iterate == "last"
        case "best":
            return (found.iterate == "last" and not measured.before) or (found.iterate in ("best", "values") and inside)
        case "values":
            return found.iterate == "values" and same
        case "average":
            return found.iterate == "values" and same and convex(claim)
        case _:
            return found.iterate == "weighted" and convex(claim)


def convex(claim: Claim) -> bool:
    """Whether the measure at a mean of points is at most the mean of the measure at them."""
    if claim.measured.what == "distance":
        return True
    every = [{a.name for given in role for a in given.closure()} for role in claim.roles]
    known = {"convex", "sampled-smooth-convex", "interpolation"}
    return claim.measured.what == "gap" and all(names & known for names in every)
