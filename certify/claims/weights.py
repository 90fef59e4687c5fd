"""The weights of a weighted average: those of the theorems by which such a claim may be proved."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import cache

from certify.claims.claim import Claim
from certify.language import Assumption, Averaging, EvenAveraging, Method, pose
from certify.language.opaque import argument
from certify.language.problems import applies
from certify.language.scalar import Scalar, exact


@cache
def weight(method: type[Method], assumptions: tuple[type[Assumption], ...], measure: str) -> Scalar | None:
    """The weight of x_k as a function of k, up to a factor; None if theorems do not agree on one."""
    found: Scalar | None = None
    for theorem in method.theorems().values():
        if theorem.variant is not None or theorem.measure.name != measure or not applies(theorem, assumptions):
            continue
        goal = pose(method, theorem.assumptions, theorem, {}, "euclidean").goal
        if isinstance(goal, Averaging) and not isinstance(goal, EvenAveraging):
            here = exact(goal.weight)
            if found is not None and "k" in (found / here).variables:
                return None
            found = here
    return found


def weights(claim: Claim, values: Mapping[str, Fraction], steps: int) -> list[Fraction]:
    """The weights of x_0, …, x_{N−1}; raises `ValueError` where one is not rational, or they are not known."""
    general = weight(claim.method, claim.assumptions, claim.measured.what)
    if general is None:
        raise ValueError("no theorem says which weights are meant")
    return [_at(general, {**values, "k": Fraction(k)}) for k in range(steps)]


def _at(value: Scalar, known: Mapping[str, Fraction]) -> Fraction:
    """The number that a weight is; roots of 1 are all that is evaluated."""
    numbers = {n: Scalar.constant(v) for n, v in known.items()}
    for name in value.variables:
        opaque = argument(name)
        if opaque is not None:
            function, inside = opaque
            if function != "√" or inside.substitute(numbers).as_constant() != 1:
                raise ValueError("an irrational weight")
            numbers[name] = Scalar.constant(Fraction(1))
    found = value.substitute(numbers).as_constant()
    if found is None:
        raise ValueError("a weight that is not known")
    return Fraction(found)
