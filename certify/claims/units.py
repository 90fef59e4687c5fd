"""Units: a run in which every number knows how it changes with the units of length and of function values.

If a step adds, subtracts and compares only what has the same unit, and the inequalities of a class do so too, then runs
on x ↦ φ f(x/λ) are the runs on f in other units: whatever is proved at one value of L is proved at all of them. Nothing
is computed here; every operation is checked, and what is not understood raises `OtherUnits`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise, permutations
from typing import Any

from certify.language import Assumption, Evaluation, Inequality, Method
from certify.language.relations import Equation
from certify.language.roundings import root

Unit = tuple[Fraction, Fraction]
"""Exponents of the units of length and of function values."""
ONE: Unit = (Fraction(0), Fraction(0))
LENGTH: Unit = (Fraction(1), Fraction(0))
VALUE: Unit = (Fraction(0), Fraction(1))
SLOPE: Unit = (Fraction(-1), Fraction(1))
STEP: Unit = (Fraction(2), Fraction(-1))
"""That of γ in x − γ∇f(x)."""


class OtherUnits(TypeError):
    """Something adds or compares quantities of different units, or does what is not understood in units."""


def times(a: Unit, b: Unit, exponent: int | Fraction = 1) -> Unit:
    """The unit of a · b^exponent."""
    return a[0] + exponent * b[0], a[1] + exponent * b[1]


def _same(a: Unit, b: Unit) -> Unit:
    if a != b:
        raise OtherUnits("quantities of different units are added or compared")
    return a


@dataclass(frozen=True, eq=False)
class Amount:
    """A number of which only the unit is known."""

    unit: Unit

    def _with(self, other: Any) -> Amount:
        if isinstance(other, int | Fraction):
            return self if other == 0 else Amount(_same(self.unit, ONE))
        if not isinstance(other, Amount):
            raise OtherUnits("a number is added to a vector")
        return Amount(_same(self.unit, other.unit))

    __add__ = __radd__ = __sub__ = __rsub__ = _with
    __le__ = __lt__ = __ge__ = __gt__ = lambda self, other: Same(self._with(other))

    def __eq__(self, other: object) -> Any:
        return Same(self._with(other))

    __hash__ = object.__hash__

    def __bool__(self) -> bool:
        raise OtherUnits("a step depends on the value of a number")

    def __neg__(self) -> Amount:
        return self

    def __mul__(self, other: Any) -> Any:
        if isinstance(other, Arrow):
            return other * self
        return Amount(times(self.unit, unit_of(other)))

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Amount:
        return Amount(times(self.unit, unit_of(other), -1))

    def __rtruediv__(self, other: Any) -> Amount:
        return Amount(times(unit_of(other), self.unit, -1))

    def __pow__(self, exponent: Any) -> Amount:
        if not isinstance(exponent, int | Fraction):
            raise OtherUnits("an exponent that is no rational number")
        return Amount(times(ONE, self.unit, exponent))

    def elementwise(self, function: Any) -> Amount:
        """The square root: the only function that steps apply to numbers in this way."""
        if function is not root:
            raise OtherUnits("a function that is no root")
        _same(self.unit, ONE)  # roots are rounded, and roundings of other numbers are not the same in other units
        return self


class Same:
    """A relation between quantities of the same unit; what it says does not depend on units."""

    def __init__(self, compared: Amount | Arrow) -> None:
        self.compared = compared

    def __bool__(self) -> bool:
        raise OtherUnits("a step depends on the value of a number")


def same(wanted: Unit, value: Any) -> None:
    """Raise `OtherUnits` unless a number has this unit; 0 has every unit."""
    if not (isinstance(value, int | Fraction) and value == 0):
        _same(wanted, unit_of(value))


def unit_of(value: Any) -> Unit:
    """The unit of a number; plain numbers have none."""
    if isinstance(value, Amount):
        return value.unit
    if isinstance(value, int | Fraction):
        return ONE
    raise OtherUnits("neither a number nor an amount")


class Geometry:
    """Inner products and norms of `Arrow`s."""

    euclidean = True

    def inner(self, u: Arrow, v: Arrow) -> Amount:
        """⟨u, v⟩."""
        return Amount(times(u.unit, v.unit))

    def squared_norm(self, v: Arrow) -> Amount:
        """‖v‖²."""
        return self.inner(v, v)

    def norm(self, v: Arrow) -> Amount:
        """‖v‖."""
        return Amount(v.unit)


@dataclass(frozen=True, eq=False)
class Arrow:
    """A vector of which only the unit is known."""

    unit: Unit
    geometry = Geometry()

    def _with(self, other: Any) -> Arrow:
        if not isinstance(other, Arrow):
            raise OtherUnits("a vector is added to a number")
        return Arrow(_same(self.unit, other.unit))

    __add__ = __radd__ = __sub__ = __rsub__ = _with

    def __eq__(self, other: object) -> Any:
        return Same(self._with(other))

    __hash__ = object.__hash__

    def __neg__(self) -> Arrow:
        return self

    def __mul__(self, other: Any) -> Arrow:
        return Arrow(times(self.unit, unit_of(other)))

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Arrow:
        return Arrow(times(self.unit, unit_of(other), -1))


class Function:
    """A function (or an operator, which gives slopes) that checks what it is asked for."""

    minimizer = zero = Arrow(LENGTH)
    minimum = Amount(VALUE)
    bounded_below = True

    def __init__(self, constants: dict[str, Amount]) -> None:
        self.constants = constants

    def __getattr__(self, name: str) -> Amount:
        constants = self.__dict__.get("constants", {})
        if name not in constants:
            raise OtherUnits(f"{name} is not understood in units")
        return constants[name]

    def __add__(self, other: Any) -> Function:
        return Function(self.constants)

    def value(self, x: Arrow) -> Amount:
        """f(x)."""
        _same(x.unit, LENGTH)
        return Amount(VALUE)

    def gradient(self, x: Arrow) -> Arrow:
        """∇f(x), a subgradient, or A(x)."""
        _same(x.unit, LENGTH)
        return Arrow(SLOPE)

    subgradient = __call__ = gradient

    def prox(self, x: Arrow, step: Any) -> Arrow:
        """prox_{γf}(x), or the resolvent."""
        _same(x.unit, LENGTH)
        _same(unit_of(step), STEP)
        return x

    resolvent = prox

    def shifted_minimizer(self, slope: Arrow) -> Arrow:
        """argmin f − ⟨slope, ·⟩."""
        _same(slope.unit, SLOPE)
        return Arrow(LENGTH)


def check(method: Method, roles: Sequence[Sequence[Assumption]], steps: int) -> None:
    """Run the method and write down what the classes say, in units. Raises `OtherUnits` or what declarations raise.

    The parameters of method and assumptions are `Amount`s, or numbers without a unit.
    """
    functions = []
    for role in roles:
        for assumption in role:
            _class(assumption)
        functions.append(Function({s: v for a in role for s, v in a.values.items()}))
    about = method.solution(*functions)
    starts = [Arrow(LENGTH) for _ in method.starts]
    if not all(isinstance(x, Arrow) and x.unit == LENGTH for x in (about if isinstance(about, tuple) else (about,))):
        raise OtherUnits("a solution that is no point")
    state = method.start(*starts, *functions)
    for k in range(steps + 1):
        _point(method.output(state))
        if k < steps:
            state = method.advance(k, state, *functions)


def _point(x: Any) -> None:
    if not isinstance(x, Arrow) or x.unit != LENGTH:
        raise OtherUnits("an iterate that is no point")


def _class(assumption: Assumption) -> None:
    """Every relation that the class writes down compares quantities of the same unit."""
    f: Any = Function(dict(assumption.values))
    points = [Evaluation(Arrow(LENGTH), str(i), Amount(VALUE), Arrow(SLOPE)) for i in range(3)]
    for x, y in permutations(points, 2):
        _relations(assumption.between(x, y))
    for x, y in pairwise(points):
        _relations(assumption.along(x, y, f))
    for x in points:
        _relations(assumption.at(x, f))
    for found in assumption.together(points, f):
        _relations(found[1] if isinstance(found, tuple) else found)
    for relation in assumption.domain():
        _relations(relation)


def _relations(found: Any) -> None:
    for one in _flat(found):
        if isinstance(one, Equation):
            left, right = one.left, one.right
            _pair(left, right)
        elif isinstance(one, Inequality):
            raise OtherUnits("an inequality between plain numbers")
        elif not isinstance(one, Same):
            raise OtherUnits("a relation that is not understood in units")


def _pair(left: Any, right: Any) -> None:
    for a, b in ((left, right), (right, left)):
        if isinstance(a, int | Fraction) and a == 0 and isinstance(b, Amount | Arrow):
            return
    if isinstance(left, Arrow) or isinstance(right, Arrow):
        left + right
    else:
        _same(unit_of(left), unit_of(right))


def _flat(found: Any) -> Iterator[Any]:
    if found is None:
        return
    if isinstance(found, tuple | list):
        for one in found:
            yield from _flat(one)
    else:
        yield found
