"""Fast norms against exact ones, envelopes, plateaus, collapsing of rows."""

import itertools
import math

import pytest
import torch

from certify.geometry import L1, L2, LINF, MAX_ENTRY, MAX_ROW, NUCLEAR, RMS, RMS_TO_RMS, SPECTRAL
from certify.training.collapse import collapse, pattern
from certify.training.envelope import envelope
from certify.training.measures import Measure, nuclear, sizes, spectral, stretch
from certify.training.probes import Sample
from certify.training.trajectory import left_plateau


@pytest.mark.parametrize("shape", [(5, 7), (7, 5), (1, 4), (100, 130), (130, 100), (80, 300)])
def test_spectral_and_nuclear_norms_against_singular_values(shape):
    x = torch.randn(*shape, generator=torch.Generator().manual_seed(sum(shape)))
    values = torch.linalg.svdvals(x.double())
    assert nuclear(x) == pytest.approx(float(values.sum()), rel=2.5e-3)
    assert 0.95 * float(values[0]) <= spectral(x) <= float(values[0]) * (1 + 1e-5)


def test_degenerate_matrices():
    assert spectral(torch.zeros(90, 90)) == 0
    assert nuclear(torch.zeros(3, 4)) == 0
    assert math.isnan(nuclear(torch.tensor([[math.inf]])))
    assert spectral(torch.outer(torch.arange(100.0), torch.ones(100))) == pytest.approx(
        float(torch.arange(100.0).norm()) * 10, rel=1e-4
    )


@pytest.mark.parametrize("norm", [SPECTRAL, NUCLEAR, MAX_ENTRY, MAX_ROW, RMS_TO_RMS])
def test_measures_of_matrices_are_the_geometry(norm):
    x = torch.randn(6, 9, generator=torch.Generator().manual_seed(0))
    measure = Measure(norm, norm.name)
    assert measure.size(x) == pytest.approx(float(norm.value(x)), rel=1e-4)
    assert measure.dual(x) == pytest.approx(float(norm.dual_value(x)), rel=1e-4)


@pytest.mark.parametrize("norm", [LINF, L1, RMS])
def test_measures_of_vectors_flatten(norm):
    x = torch.randn(3, 4, 2, generator=torch.Generator().manual_seed(0))
    assert Measure(norm, norm.name).size(x) == pytest.approx(float(norm.value(x.flatten())), rel=1e-5)


def test_kernels_are_flattened_to_out_by_everything_else():
    x = torch.randn(4, 3, 2, 2, generator=torch.Generator().manual_seed(0))
    assert Measure(SPECTRAL, "spectral").size(x) == pytest.approx(
        float(torch.linalg.svdvals(x.flatten(1))[0]), rel=1e-4
    )


def test_stretch_tells_orthogonal_factors():
    x = torch.randn(12, 20, generator=torch.Generator().manual_seed(0))
    u, s, v = torch.linalg.svd(x, full_matrices=False)
    assert stretch(u @ v) == pytest.approx(1, rel=1e-3)
    assert stretch(u[:, :4] @ v[:4]) == pytest.approx(1, rel=1e-3)  # rank deficient
    s[0] = 6 * s[1]
    assert stretch(u @ torch.diag(s) @ v) > 4


def samples(points):
    return [Sample(step=1.0, gradient=r, quarter=L / 4, full=L) for r, L in points]


def test_the_envelope_of_a_line_is_the_line():
    found = envelope(samples([(r, 2 + 3 * r) for r in (0.5, 1.0, 2.0, 4.0)]))
    assert pytest.approx((2, 3)) == (found.L0, found.L1)
    assert found.low == pytest.approx(1.5 / (2 + 3 * 1.5))


def test_norms_of_many_tensors_at_once_are_those_of_each():
    generator = torch.Generator().manual_seed(3)
    tensors = [torch.randn(*shape, generator=generator) for shape in ((3, 4), (5,), (2, 3, 2), (4, 4))]
    tensors += [torch.zeros(0), torch.randn(6, generator=generator).bfloat16()]
    measures = [Measure(norm, norm.name, 2.0) for norm in (LINF, L2, L1, SPECTRAL, LINF, L2)]
    pairs = list(zip(measures, tensors, strict=True))
    assert sizes(pairs) == pytest.approx([m.size(x) for m, x in pairs])
    assert sizes(pairs, dual=True) == pytest.approx([m.dual(x) for m, x in pairs])


def test_eigenvalues_that_single_precision_refuses(monkeypatch):
    """LAPACK gives up on some Gram matrices of updates that explode."""
    exact = torch.linalg.eigvalsh

    def weak(x):
        if x.dtype == torch.float32:
            raise torch.linalg.LinAlgError("failed to converge")
        return exact(x)

    monkeypatch.setattr(torch.linalg, "eigvalsh", weak)
    x = torch.diag(torch.tensor([3.0, 4.0]))
    assert nuclear(x) == pytest.approx(7)
    assert spectral(x) == pytest.approx(4)


def test_the_envelope_is_the_least_of_all_pairs_of_secants():
    generator = torch.Generator().manual_seed(5)
    for count in range(1, 15):
        points = [(round(float(r), 1), float(L)) for r, L in torch.rand(count, 2, generator=generator) + 0.1]
        mean = sum(r for r, _ in points) / count
        lines = [(max(L for _, L in points), 0.0), (0.0, max(L / r for r, L in points))]
        for (r, L), (q, M) in itertools.combinations(points, 2):
            if r != q:
                lines.append((L - (L - M) / (r - q) * r, (L - M) / (r - q)))
        above = [
            a + b * mean for a, b in lines if min(a, b) >= 0 and all(a + b * r >= L * (1 - 1e-9) for r, L in points)
        ]
        found = envelope(samples(points))
        assert found.L0 + found.L1 * mean == pytest.approx(min(above))


def test_the_envelope_dominates_every_secant():
    generator = torch.Generator().manual_seed(0)
    points = [(float(r), float(L)) for r, L in torch.rand(12, 2, generator=generator) + 0.1]
    found = envelope(samples(points))
    assert found.L0 >= 0
    assert found.L1 >= 0
    assert all(found.L0 + found.L1 * r >= L * (1 - 1e-9) for r, L in points)
    assert found.low <= found.high * (1 + 1e-9)
    assert envelope([]) is None


@pytest.mark.parametrize(
    ("losses", "left"),
    [
        ([2.3] * 40, False),
        ([2.3 - 0.001 * k for k in range(40)], False),
        ([2.3 - 0.03 * k for k in range(40)], True),
        ([2.3, 1.0], False),
        ([2.3 + (-1) ** k for k in range(40)], False),
        ([2.3, *[math.nan] * 39], False),
    ],
)
def test_leaving_the_plateau_takes_a_fall_beyond_noise(losses, left):
    assert left_plateau(losses, 0.05) is left


def test_repeated_blocks_become_their_worst():
    rows = [("blocks.0.up", 1.0), ("blocks.1.up", 3.0), ("head", 2.0), ("0.weight", 9.0), ("2.weight", 8.0)]
    found = collapse(rows, lambda row: (pattern(row[0]),), lambda row: (row[1],))
    assert found == [(("blocks.1.up", 3.0), 2), (("head", 2.0), 1), (("0.weight", 9.0), 2)]
