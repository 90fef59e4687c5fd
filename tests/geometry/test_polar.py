"""Approximate polar factors: what is proved of them, held against what they do."""

from fractions import Fraction

import pytest
import torch

from certify.geometry import NUCLEAR, SPECTRAL, NotAnOracle, by_svd, classical, newton_schulz, quality
from certify.geometry.polar import POLAR_EXPRESS, Iteration, least_threshold
from certify.geometry.polynomials import Interval, at, derivative, image, odd, roots

MUON = odd("3.4445", "-4.7750", "2.0315")
CASES = [
    (newton_schulz(5), Fraction(1506, 10**6)),
    (newton_schulz(2), Fraction(7, 100)),
    (POLAR_EXPRESS, Fraction(102, 10**5)),
    (classical(5), Fraction(1, 10)),
]


def matrices(threshold, rank, generator):
    """Matrices with singular values from threshold · F upwards (F about 1)."""
    u, _ = torch.linalg.qr(torch.randn(20, 6, rank, dtype=torch.float64, generator=generator))
    v, _ = torch.linalg.qr(torch.randn(20, 4, rank, dtype=torch.float64, generator=generator))
    s = torch.rand(20, rank, dtype=torch.float64, generator=generator) ** 4
    s[:, 0] = 1
    s = s / s.norm(dim=1, keepdim=True)
    s = s.clamp_min(2 * float(threshold))
    return (u * s[:, None, :]) @ v.mT


@pytest.mark.parametrize(("iteration", "threshold"), CASES, ids=lambda c: getattr(c, "name", ""))
@pytest.mark.parametrize("rank", [1, 2, 4])
def test_the_quality_holds(iteration, threshold, rank):
    found = quality(iteration, threshold)
    g = matrices(threshold, rank, torch.Generator().manual_seed(rank))
    for matrix in (g, 1e-6 * g, g.mT):
        step = iteration.apply(matrix)
        reached = (matrix * step).sum((-2, -1)) / NUCLEAR.value(matrix)
        assert (reached >= float(found.alpha) - 1e-9).all()
        assert (SPECTRAL.value(step) <= float(found.bound) + 1e-9).all()
        assert (reached >= float(found.of_rank(rank)) - 1e-9).all()


@pytest.mark.parametrize("rank", [1, 2, 4])
def test_the_unconditional_quality_holds_with_tiny_singular_values(rank):
    generator = torch.Generator().manual_seed(0)
    g = matrices(Fraction(0), rank, generator)
    iteration = newton_schulz(5)
    found = quality(iteration, Fraction(1506, 10**6))
    step = iteration.apply(g)
    reached = (g * step).sum((-2, -1)) / NUCLEAR.value(g)
    assert (reached >= float(found.of_rank(rank)) - 1e-9).all()
    assert (SPECTRAL.value(step) <= float(found.bound) + 1e-9).all()


def test_known_constants():
    muon = quality(newton_schulz(5), Fraction(1506, 10**6))
    assert Fraction("0.6818") < muon.alpha < Fraction("0.68184")
    assert Fraction("1.20236") < muon.bound < Fraction("1.20237")
    express = quality(POLAR_EXPRESS, Fraction(102, 10**5))
    assert Fraction("0.8588") < express.alpha < Fraction("0.8589")
    assert Fraction("1.1411") < express.bound < Fraction("1.1412")
    assert quality(classical(8), Fraction(1, 10)).alpha > Fraction(99999, 10**5)


def test_the_least_threshold_of_one_step():
    found = least_threshold(newton_schulz(1), Fraction(6818, 10**4))
    assert found == pytest.approx(Fraction("0.2107"), abs=3e-4)
    assert quality(newton_schulz(1), found).alpha >= Fraction(6818, 10**4)


def test_the_invariant_interval_of_muon():
    inside = image(MUON, Interval(Fraction("0.6818"), Fraction("1.1344")))
    assert Fraction("0.6818") <= inside.low
    assert inside.high <= Fraction("1.1344")


def test_a_polynomial_that_changes_sign_is_refused():
    with pytest.raises(NotAnOracle, match="not positive"):
        quality(Iteration("wrong", (odd(1, -2),)), Fraction(1, 10))
    with pytest.raises(NotAnOracle, match="no range"):
        least_threshold(newton_schulz(2), Fraction(12, 10))
    with pytest.raises(ValueError, match="threshold"):
        quality(newton_schulz(2), Fraction(0))
    assert quality(newton_schulz(2), Fraction(7, 100)).of_rank(1000) == 0


def test_polar_factor_by_svd():
    g = torch.randn(5, 3, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    u = by_svd(g)
    torch.testing.assert_close(u @ u.mT, torch.eye(3, dtype=torch.float64).expand(5, 3, 3))
    torch.testing.assert_close(classical(12).apply(g), u, rtol=1e-8, atol=1e-8)
    assert (newton_schulz().apply(0 * g) == 0).all()


def test_images_contain_and_are_tight():
    domain = Interval(Fraction(-1), Fraction(3, 2))
    found = image(MUON, domain)
    values = [at(MUON, domain.low + (domain.high - domain.low) * i / 5000) for i in range(5001)]
    assert found.low <= min(values)
    assert max(values) <= found.high
    assert max(values) - min(values) > (found.high - found.low) * Fraction(99999, 10**5)


def test_roots_multiple_and_at_the_ends():
    square = (Fraction(1), Fraction(-2), Fraction(1))  # (x − 1)²
    (cell,) = roots(square, Interval(Fraction(0), Fraction(2)))
    assert Fraction(1) in cell
    assert list(roots(square, Interval(Fraction(2), Fraction(3)))) == []
    line = odd(1)
    assert [Fraction(0) in c for c in roots(line, Interval(Fraction(0), Fraction(1)))] == [True]
    assert [Fraction(0) in c for c in roots(line, Interval(Fraction(-1), Fraction(0)))] == [True]
    assert derivative(line) == (1,)
