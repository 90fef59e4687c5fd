"""Linear operators of the Euclidean plane as a declaration sees them, and to which classes they belong, exactly."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from certify.language import Assumption
from certify.language.enclosures import exactly
from certify.simulate.plane import Plane, PlaneVector

Constants = Mapping[str, Any]


class EuclideanPlane(Plane):
    """ℚ² with its inner product."""

    def inner(self, u: PlaneVector, v: PlaneVector) -> Fraction:
        """⟨u, v⟩."""
        return u.x * v.x + u.y * v.y

    def norm(self, v: PlaneVector) -> Fraction:
        """There is none that is rational. **Raises:** ValueError."""
        raise ValueError("lengths in the plane need not be rational")

    def squared_norm(self, v: PlaneVector) -> Fraction:
        """‖v‖²."""
        return v.x**2 + v.y**2


SPACE = EuclideanPlane("l2")


@dataclass(frozen=True)
class Matrix:
    """The linear operator with rows (a, b) and (c, d)."""

    a: Fraction
    b: Fraction
    c: Fraction
    d: Fraction

    def __call__(self, v: PlaneVector) -> PlaneVector:
        return SPACE.vector(self.a * v.x + self.b * v.y, self.c * v.x + self.d * v.y)

    def resolvent(self, v: PlaneVector, step: Fraction) -> PlaneVector:
        """(I + step·A)⁻¹ v. **Raises:** ValueError if there is none."""
        a, b, c, d = 1 + step * self.a, step * self.b, step * self.c, 1 + step * self.d
        size = a * d - b * c
        if size == 0:
            raise ValueError("there is no resolvent")
        return SPACE.vector((d * v.x - b * v.y) / size, (a * v.y - c * v.x) / size)

    def least(self, identity: Fraction = Fraction(0), squares: Fraction = Fraction(0), symmetric: int = 1) -> bool:
        """Whether symmetric·(A + Aᵀ)/2 + squares·AᵀA + identity·I is positive semidefinite."""
        p = symmetric * self.a + squares * (self.a**2 + self.c**2) + identity
        q = symmetric * (self.b + self.c) / 2 + squares * (self.a * self.b + self.c * self.d)
        r = symmetric * self.d + squares * (self.b**2 + self.d**2) + identity
        return p >= 0 and r >= 0 and p * r >= q * q


class PlaneRole:
    """One of the operators, with its constants: 0 is its zero, or its fixed point."""

    def __init__(self, operator: Matrix, constants: Constants) -> None:
        self.operator, self.constants = operator, dict(constants)
        self.zero = self.fixed_point = SPACE.vector(0, 0)

    def __getattr__(self, name: str) -> Any:
        constants = self.__dict__.get("constants", {})
        if name in constants:
            return constants[name]
        raise ValueError(f"an operator of the plane offers no {name}")

    def __call__(self, x: PlaneVector) -> PlaneVector:
        """A(x)."""
        return self.operator(x)

    def resolvent(self, x: PlaneVector, step: Any) -> PlaneVector:
        """(I + γA)⁻¹ x."""
        return self.operator.resolvent(x, exactly(step))

    def __add__(self, other: Any) -> PlaneRole:
        return PlaneRole(self.operator, {})  # of sums only the zero is asked for, and 0 is one


def belongs(A: Matrix, assumption: Assumption, constants: Constants) -> bool:
    """Whether an operator is in a class. `KeyError` if that is not known."""
    return CLASSES[assumption.name](A, constants)


def _lipschitz(A: Matrix, c: Constants) -> bool:
    return A.least(c["L"] ** 2, Fraction(-1), 0)


def _strongly(A: Matrix, c: Constants) -> bool:
    return A.least(-c["mu"])


CLASSES: Mapping[str, Callable[[Matrix, Constants], bool]] = {
    "monotone": lambda A, c: A.least(),
    "strongly-monotone": _strongly,
    "cocoercive": lambda A, c: A.least(squares=-c["beta"]),
    "cocoercive-strongly-monotone": lambda A, c: A.least(squares=-c["beta"]) and _strongly(A, c),
    "nonexpansive": lambda A, c: A.least(Fraction(1), Fraction(-1), 0),
    "lipschitz": _lipschitz,
    "lipschitz-monotone": lambda A, c: A.least() and _lipschitz(A, c),
    "lipschitz-strongly-monotone": lambda A, c: _strongly(A, c) and _lipschitz(A, c),
}
"""Linear operators satisfy these exactly if a matrix is positive semidefinite."""
