"""Optimal and admissible step sizes: known answers, certificates at both sides of every end."""

from __future__ import annotations

from fractions import Fraction

import pytest

from certify.assumptions.smooth_convex import SmoothConvex
from certify.assumptions.smooth_strongly_convex import SmoothStronglyConvex
from certify.kernel.worst_case import check_attained, check_upper
from certify.pep import Model, norm, norm2
from certify.pep.engine.bounds import Bound
from certify.pep.step_size import Admissible, Curve, Optimum, admissible, best_step, simplest
from certify.pep.unbounded import ray


def gap(gamma: Fraction, steps: int = 1) -> Model:
    model = Model()
    f = model.function(SmoothConvex(L=1))
    x = model.point("x0")
    model.suppose(norm(x - f.minimizer) <= 1, name="initial")
    for _ in range(steps):
        x = x - gamma * f.gradient(x)
    model.maximise(f(x) - f.minimum)
    return model


def contraction(gamma: Fraction) -> Model:
    model = Model()
    f = model.function(SmoothStronglyConvex(L=1, mu="1/10"))
    x, s = model.point("x"), f.minimizer
    model.maximise(norm2(x - gamma * f.gradient(x) - s), relative_to=norm2(x - s))
    return model


def ends(found: Optimum | Admissible, gamma: Fraction | None) -> tuple[Fraction, Fraction]:
    """Both exact ends at a sample."""
    assert gamma is not None
    bound = found.samples[gamma]
    assert bound.lower is not None
    assert bound.upper is not None
    return bound.lower, bound.upper


def check(found: Optimum) -> None:
    """Every sample is certified, and the bracket is what the samples prove."""
    for bound in found.samples.values():
        if bound.upper_certificate is not None:
            check_upper(bound.upper_certificate)
        if bound.lower_certificate is not None:
            check_attained(bound.lower_certificate)
    low, high = found.bracket
    assert low is not None
    assert high is not None
    assert low < found.gamma < high
    for end in (low, high):
        assert ends(found, end)[0] > found.upper


@pytest.mark.parametrize(
    ("build", "gamma", "value"),
    [
        (gap, Fraction(3, 2), Fraction(1, 8)),  # 3/(2L) and LR²/8
        (contraction, Fraction(20, 11), Fraction(81, 121)),  # 2/(L + μ) and ((L − μ)/(L + μ))²
    ],
)
def test_the_best_step_is_found_exactly(build, gamma: Fraction, value: Fraction) -> None:
    found = best_step(build, (0, 2))
    assert found is not None
    assert (found.gamma, found.upper) == (gamma, value)
    check(found)
    low, high = (end or Fraction(0) for end in found.bracket)
    assert high - low <= Fraction(2, 10**4)
    assert "the best step is between" in str(found)


def test_an_irrational_step_is_enclosed() -> None:
    found = best_step(lambda gamma: gap(gamma, 2), (0, 2))
    assert found is not None
    check(found)
    assert float(found.gamma) == pytest.approx(1.6058, abs=2e-4)  # where 1/(2(4γ + 1)) = (1 − γ)⁴/2
    γ = float(found.gamma)
    assert 1 / (2 * (4 * γ + 1)) == pytest.approx((1 - γ) ** 4 / 2, rel=2e-3)


def test_contraction_below_two_over_l() -> None:
    found = admissible(contraction, (0, 3))
    assert found is not None
    low, high = found.inside
    assert low < Fraction(1, 1000)
    assert Fraction(1999, 1000) < high < 2
    assert found.outside[0] is None
    assert found.outside[1] is not None
    assert 2 <= found.outside[1] < Fraction(2001, 1000)
    assert ends(found, high)[1] < 1 <= ends(found, found.outside[1])[0]
    assert "worst case < 1 from" in str(found)


def test_below_another_threshold() -> None:
    found = admissible(contraction, (0, 3), below="81/100", width="1/1000")
    assert found is not None
    low, high = found.inside
    assert found.outside[0] is not None
    assert found.outside[1] is not None
    assert found.outside[0] <= 1 < low < high < Fraction(19, 10) <= found.outside[1]  # (1 − γμ)² = (1 − γL)² = 81/100
    assert admissible(contraction, (0, 3), below="1/2") is None


def potential(gamma: Fraction) -> Model:
    """‖x − x⋆‖² among points with ‖x − x⋆‖² − ‖x⁺ − x⋆‖² ≤ 1: finite if and only if the method contracts."""
    model = Model()
    f = model.function(SmoothStronglyConvex(L=1, mu="1/10"))
    x, s = model.point("x"), f.minimizer
    model.suppose(norm2(x - s) - norm2(x - gamma * f.gradient(x) - s) <= 1, name="decrease")
    model.maximise(norm2(x - s))
    return model


def test_finite_worst_cases() -> None:
    found = admissible(potential, (0, 3), below=None, width="1/100")
    assert found is not None
    assert Fraction(19, 10) < found.inside[1] < 2
    assert found.outside[1] is not None
    assert 2 <= found.outside[1] < Fraction(21, 10)
    assert "worst case < ∞" in str(found)


def test_evidence_of_an_infinite_worst_case() -> None:
    certificate = ray(potential(Fraction(5, 2)).problem())
    assert certificate is not None
    assert certificate.value > 0
    check_attained(certificate)
    assert ray(potential(Fraction(3, 2)).problem()) is None
    model = gap(Fraction(1))
    assert ray(model.problem()) is None
    model.suppose(norm2(model.point("y")) >= 1)  # zero is no longer feasible
    assert ray(model.problem()) is None


def test_every_step_size_is_solved_once() -> None:
    asked: list[Fraction] = []

    def build(gamma: Fraction) -> Bound:
        asked.append(gamma)
        return contraction(gamma).solve()

    curve = Curve(build)
    assert best_step(curve, (0, 2), width="1/20") is not None
    assert admissible(curve, (0, 3), width="1/20") is not None
    assert len(asked) == len(set(asked)) == len(curve.samples)


@pytest.mark.parametrize(
    ("low", "high", "between"),
    [("1/3", "1/2", "2/5"), ("1.49", "1.51", "3/2"), ("1", "2", "3/2"), ("0", "1", "1/2"), ("3.1", "3.2", "19/6")],
)
def test_the_simplest_fraction(low: str, high: str, between: str) -> None:
    found = simplest(Fraction(low), Fraction(high))
    assert Fraction(low) < found < Fraction(high)
    assert found.denominator <= Fraction(between).denominator
