"""Claims that say the same in all units: proved at one value of L, R … they are proved at all values."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from itertools import product
from typing import Any

from certify.claims.claim import STEPS, Claim
from certify.claims.formulas import MINIMUM, Call, Formula, Name, Number, Power, Product, Quantity, Quotient, Sum, names
from certify.claims.samples import inside, tied
from certify.claims.units import LENGTH, ONE, SLOPE, STEP, VALUE, Amount, OtherUnits, Unit, check, times
from certify.claims.units import same as same_units

CANDIDATES: tuple[Unit, ...] = (
    times(VALUE, LENGTH, -2), STEP, ONE, SLOPE, LENGTH, VALUE,
)  # fmt: skip
"""The units that a parameter may have: of L and μ, of step sizes, none, of M, of radii, of values."""
REFUSED = (TypeError, ValueError, LookupError, AttributeError, ArithmeticError, NotImplementedError)
"""What declarations raise that cannot be run in units; `OtherUnits` is one of them."""


def normal(claim: Claim) -> dict[str, Fraction] | None:
    """Values of all parameters (and of R or Δ₀ where steps depend on them) to which units bring all others, or None.

    A claim about one N that is proved there is proved everywhere: the step, the classes, the ties and both
    sides of the claim are the same in all units, and all positive parameters have these values in some units.
    """
    if claim.steps is None or claim.random or claim.norm != "euclidean" or claim.complexity is not None or claim.step:
        return None
    used = frozenset().union(*(names(f) for f in claim.values.values()))
    used |= frozenset().union(*(names(c.left) | names(c.right) for c in claim.conditions))
    free = [*claim.free, *(n for n in ("R", "Delta0") if n in used)]
    if not 1 <= len(free) <= 2:
        return None
    known = {"R": LENGTH, "Delta0": VALUE}
    choices = [(known[n],) if n in known else CANDIDATES for n in free]
    for units in product(*choices):
        if independent(units) and same(claim, dict(zip(free, units, strict=True))):
            horizon = claim.method.horizon()
            point = {**dict.fromkeys(free, Fraction(1)), STEPS: Fraction(claim.steps)}
            if horizon:
                point[horizon] = Fraction(claim.steps)
            found = tied(claim, point)
            return found if found is not None and inside(claim, found) else None
    return None


def independent(units: tuple[Unit, ...]) -> bool:
    """Whether quantities with these units can all be made 1 by a choice of units."""
    if len(units) == 1:
        return units[0] != ONE
    (a, b), (c, d) = units
    return a * d != b * c


def same(claim: Claim, units: Mapping[str, Unit]) -> bool:
    """Whether the claim means the same in all units if its free parameters have these ones."""
    try:
        known: dict[str, Any] = {n: Amount(u) for n, u in units.items()} | {STEPS: Fraction(claim.steps or 0)}
        given: dict[str, Any] = {"R": Amount(LENGTH), "Delta0": Amount(VALUE), "G0": Amount(SLOPE)}
        given[MINIMUM] = Amount(VALUE)
        known |= {n: in_units(f, {**given, **known}) for n, f in claim.values.items()}
        horizon = claim.method.horizon()
        if horizon:
            known[horizon] = claim.steps
        method = claim.method(**{s: known[s] for s in claim.method.parameters()})
        roles = [[a(**{s: known[s] for s in a.parameters()}) for a in role] for role in claim.roles]
        check(method, roles, claim.steps or 0)
        what = {
            "gap": VALUE,
            "distance": LENGTH,
            "gradient": SLOPE,
            "subgradient": SLOPE,
            "operator": SLOPE,
            "residual": LENGTH,
            "step": LENGTH,
        }[claim.measured.what]
        same_units(times(ONE, what, claim.measured.power), in_units(claim.bound, {**given, **known}))
    except REFUSED:
        return False
    return True


def in_units(formula: Formula, known: Mapping[str, Any]) -> Any:
    """The formula as an `Amount`, or a plain number; raises `OtherUnits` or KeyError."""
    match formula:
        case Number(value):
            return value
        case Name(name):
            return known[name]
        case Sum(a, b):
            return in_units(a, known) + in_units(b, known)
        case Product(a, b):
            return in_units(a, known) * in_units(b, known)
        case Quotient(a, b):
            return in_units(a, known) / in_units(b, known)
        case Power(a, b):
            exponent = in_units(b, known)
            base = in_units(a, known)
            if isinstance(base, Amount):
                return base**exponent
            return Amount(ONE) if isinstance(exponent, int | Fraction) else _plain(exponent)
        case Call(function, arguments):
            found = [in_units(a, known) for a in arguments]
            amounts = [v if isinstance(v, Amount) else Amount(ONE) for v in found]
            if function == "sqrt":
                return amounts[0] ** Fraction(1, 2)
            total = amounts[0]
            for one in amounts[1:]:
                total = total + one
            return total if function in ("max", "min") else _plain(total)
        case Quantity():
            raise OtherUnits("a quantity at a point")


def _plain(value: Any) -> Amount:
    if not isinstance(value, Amount) or value.unit != ONE:
        raise OtherUnits("a power or a logarithm of something with a unit")
    return value
