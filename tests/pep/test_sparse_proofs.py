"""Sparse proofs: few multipliers, simple numbers, still checked by the kernel; relations switched off and on again."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from certify.assumptions.convex import Convex
from certify.assumptions.smooth_convex import SmoothConvex
from certify.assumptions.smooth_strongly_convex import SmoothStronglyConvex
from certify.kernel.worst_case import Unproved, check_upper
from certify.pep import Model, norm, norm2
from certify.pep.sparse_proofs import Session, sparse_proof


def gradient_descent(steps: int, gamma: str = "1") -> Model:
    model = Model()
    f = model.function(SmoothConvex(L=1))
    x = model.point("x0")
    model.suppose(norm(x - f.minimizer) <= 1, name="initial")
    for _ in range(steps):
        x = x - Fraction(gamma) * f.gradient(x)
    model.maximise(f(x) - f.minimum)
    return model


def proximal_point(steps: int) -> Model:
    model = Model()
    f = model.function(Convex())
    x = model.point("x0")
    model.suppose(norm(x - f.minimizer) <= 1, name="initial")
    for _ in range(steps):
        x = f.prox(x, 1)
    model.maximise(f(x) - f.minimum)
    return model


def contraction(gamma: str) -> Model:
    model = Model()
    f = model.function(SmoothStronglyConvex(L=1, mu="1/10"))
    x = model.point("x")
    after = x - Fraction(gamma) * f.gradient(x)
    model.maximise(norm2(after - f.minimizer), relative_to=norm2(x - f.minimizer))
    return model


@pytest.mark.parametrize(
    ("model", "value", "most"),
    [
        (gradient_descent(1), Fraction(1, 6), 4),
        (gradient_descent(5), Fraction(1, 22), 12),
        (gradient_descent(10), Fraction(1, 42), 27),
        (gradient_descent(3, "17/10"), Fraction(7, 10) ** 6 / 2, 8),
        (proximal_point(3), Fraction(1, 12), 8),
        (contraction("1"), Fraction(81, 100), 3),
    ],
)
def test_the_exact_worst_case_comes_out_with_few_multipliers(model: Model, value: Fraction, most: int) -> None:
    bound = model.solve(sparse=True)
    assert bound.upper == value
    certificate = bound.upper_certificate
    assert certificate is not None
    check_upper(certificate)
    assert len(certificate.multipliers) <= most
    assert bound.lower is not None
    assert bound.lower <= value


def test_every_multiplier_of_a_sparse_proof_is_needed() -> None:
    certificate = gradient_descent(3).solve(sparse=True).upper_certificate
    assert certificate is not None
    for name in certificate.multipliers:
        fewer = {k: c for k, c in certificate.multipliers.items() if k != name}
        with pytest.raises(Unproved):
            check_upper(replace(certificate, multipliers=fewer))
        changed = {**certificate.multipliers, name: certificate.multipliers[name] * Fraction(99, 100)}
        with pytest.raises(Unproved):
            check_upper(replace(certificate, multipliers=changed))


def test_it_counts_before_and_after() -> None:
    bound = gradient_descent(4).solve()
    found = sparse_proof(bound, simple=False)
    assert found.after <= 10 < found.before == len(bound.multipliers)
    assert found.bound.lower_certificate is bound.lower_certificate
    assert found.bound.upper is not None
    assert found.bound.upper <= Fraction(1, 18) * (1 + Fraction(3, 10**6))


def test_a_bound_without_a_certificate_is_refused() -> None:
    bound = gradient_descent(1).solve()
    with pytest.raises(ValueError, match="no exact upper bound"):
        sparse_proof(replace(bound, upper_certificate=None))


def test_relations_are_left_out_without_building_the_problem_again() -> None:
    session = Session(gradient_descent(2).solve().problem)
    assert session.value() == pytest.approx(1 / 10, rel=1e-6)
    prepared = session.prepared
    assert session.value({"f:smooth-convex[⋆←2]"}) == pytest.approx(0.1, rel=0.5)
    assert session.value({"initial"}) is None
    assert session.prepared is prepared
    off = {"f:smooth-convex[1←x0]", "f:smooth-convex[2←x0]"}
    assert session.bound(off).upper == pytest.approx(1 / 10, rel=1e-5)
    with pytest.raises(KeyError, match="nothing"):
        session.value({"nothing"})


def test_a_switch_goes_both_ways() -> None:
    model = gradient_descent(1)
    model.switch("f:smooth-convex[⋆←1]", on=False)
    assert "f:smooth-convex[⋆←1]" in model.switched_off
    model.switch("f:smooth-convex[⋆←1]", on=True)
    assert not model.switched_off


def test_relations_that_make_points_equal_stay() -> None:
    model = Model()
    f = model.function(SmoothConvex(L=1))
    x0, y = model.point("x0"), model.point("y")
    model.suppose(norm(x0 - f.minimizer) <= 1, name="initial")
    model.suppose(norm2(y - x0) <= 0, name="same")
    x = y - f.gradient(x0)
    model.maximise(f(x) - f.minimum)
    bound = model.solve(sparse=True)
    assert bound.upper is not None
    assert Fraction(1, 6) <= bound.upper < Fraction(1, 6) * (1 + Fraction(1, 10**6))
    assert bound.upper_certificate is not None
    assert all(name.startswith("same:zero[") for name in bound.upper_certificate.equation_multipliers)
    assert bound.upper_certificate.equation_multipliers  # ‖y − x0‖² ≤ 0 alone would take an infinite one
    assert Session(bound.problem).value({"same"}) is None
