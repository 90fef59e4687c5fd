"""Operators in symbols: zeros and fixed points, and theorems that must not be proved."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from certify.assumptions.lipschitz_monotone import LipschitzMonotone
from certify.assumptions.monotone import Monotone
from certify.assumptions.nonexpansive import Nonexpansive
from certify.language import DISTANCE, RESIDUAL, Contraction, Goal, Method, norm2, pose, theorem
from certify.language import Monotone as Never
from certify.language.symbolic_operators import symbolic_operator
from certify.language.trace import Trace
from certify.methods.extragradient import Extragradient
from certify.methods.halpern import Halpern
from certify.prove.prover import prove


def test_a_fixed_point_is_mapped_to_itself_and_a_zero_to_zero() -> None:
    T = symbolic_operator(Trace(), {}, Halpern())
    assert T(T.fixed_point) == T.fixed_point
    A = symbolic_operator(Trace(), {}, Extragradient())
    assert not A(A.zero).coefficients
    with pytest.raises(NotImplementedError, match="zero"):
        _ = A.fixed_point
    with pytest.raises(NotImplementedError, match="fixed point"):
        _ = T.zero


def test_residuals_do_not_know_the_fixed_point() -> None:
    T = symbolic_operator(Trace(), {}, Halpern())
    x = T.start("0")
    assert "x⋆" not in (x - T(x)).coefficients


class Picard(Method):
    """x⁺ = T(x)."""

    name = "picard"
    functions = ("T",)

    def step(self, x: Any, T: Any) -> Any:
        return T(x)

    def solution(self, T: Any) -> Any:
        return T.fixed_point

    @theorem(Nonexpansive, measure=RESIDUAL)
    def residual(self, T: Any, x: Any, y: Any) -> Goal:
        """‖x⁺ − T(x⁺)‖ ≤ ‖x − T(x)‖."""
        return Never(before=norm2(x - T(x)), after=norm2(y - T(y)))

    @theorem(Nonexpansive, measure=RESIDUAL)
    def too_good(self, T: Any, x: Any, y: Any) -> Goal:
        """Rotations say no."""
        return Contraction(before=norm2(x - T(x)), after=norm2(y - T(y)), rate=Fraction(1, 2))


class Forward(Method):
    """x⁺ = x − A(x)/2, which turns away from the zero of a rotation."""

    name = "forward"
    functions = ("A",)

    def step(self, x: Any, A: Any) -> Any:
        return x - A(x) / 2

    @theorem(LipschitzMonotone, measure=DISTANCE)
    def distance(self, A: Any, x: Any, y: Any) -> Goal:
        """False for A(x₁, x₂) = (−x₂, x₁)."""
        return Never(before=norm2(x - A.zero), after=norm2(y - A.zero))


def test_true_steps_are_proved_and_false_ones_are_not() -> None:
    proofs = {
        name: prove(pose(kind, kind.theorems()[name].assumptions, kind.theorems()[name]), seconds=4).proved
        for kind, name in ((Picard, "residual"), (Picard, "too-good"), (Forward, "distance"))
    }
    assert proofs == {"residual": True, "too-good": False, "distance": False}


def test_monotone_operators_are_written_once_for_each_pair() -> None:
    problem = pose(Extragradient, (LipschitzMonotone,), Extragradient.theorems()["distance"])
    names = [n for n in problem.trace.hypotheses if "monotone" in n]
    assert len(names) == len(set(names))
    assert sum(".monotone" in n for n in names) == sum(".monotone" not in n for n in names)
    assert Monotone in LipschitzMonotone.closure()
