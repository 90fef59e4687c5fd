"""The axioms of every norm, held against its tensors: all shapes, all ranks, zero included."""

from fractions import Fraction

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from certify.geometry import NORMS, RMS, Lp, Mixed, Product, Root, Scaled, Schatten, named

TOLERANCE = 1e-10
RECIPROCALS = [Fraction(0), Fraction(1, 5), Fraction(1, 2), Fraction(2, 3), Fraction(9, 10), Fraction(1)]
VECTORS = [*(Lp(r) for r in RECIPROCALS), RMS, RMS.dual, Scaled(Lp(Fraction(0)), Root.of(3))]
MATRICES = [
    *(Schatten(r) for r in (*RECIPROCALS[:3], *RECIPROCALS[4:])),
    *(Mixed(p, r, rows) for p in (0, Fraction(1, 3), 1) for r in (0, Fraction(1, 2), 1) for rows in (False, True)),
    named("rms-to-rms"),
    Scaled(Mixed(0, 0), Root.of(Fraction(1, 2)), (Fraction(0), Fraction(1))),
]
CASES = [(n, 1) for n in VECTORS] + [(n, 2) for n in MATRICES]
IDS = [f"{n.name}-{i}" for i, (n, _) in enumerate(CASES)]
every_norm = pytest.mark.parametrize(("norm", "axes"), CASES, ids=IDS)
few = settings(derandomize=True, max_examples=15, deadline=None, database=None)


@st.composite
def pairs(draw):
    """Two batches of the same shape: dense, sparse with ties, of low rank, or zero."""
    rows, columns, batch = (draw(st.integers(1, 4)) for _ in range(3))
    generator = torch.Generator().manual_seed(draw(st.integers(0, 10**6)))
    found = []
    for _ in range(2):
        kind = draw(st.sampled_from(["dense", "whole", "rank-one", "zero"]))
        x = torch.randn(batch, rows, columns, dtype=torch.float64, generator=generator)
        if kind == "whole":
            x = (2 * x).round()
        elif kind == "rank-one":
            x = x[:, :, :1] * x[:, :1, :]
        elif kind == "zero":
            x = 0 * x
        found.append(x * 10.0 ** draw(st.integers(-3, 3)))
    return found


def shaped(axes, *tensors):
    return [t if axes == 2 else t.flatten(1) for t in tensors]


def pairing(g, x, axes):
    return (g * x).flatten(-axes).sum(-1)


@every_norm
@few
@given(pair=pairs())
def test_axioms(norm, axes, pair):
    g, x = shaped(axes, *pair)
    size, dual = norm.value(x), norm.dual_value(g)
    assert size.shape == g.shape[:-axes]
    # duality inequality
    assert (pairing(g, x, axes) <= dual * size * (1 + TOLERANCE)).all()
    # the oracle: ⟨g, lmo(g)⟩ = −‖g‖* inside the unit ball
    step = norm.lmo(g)
    assert step.shape == g.shape
    assert (norm.value(step) <= 1 + TOLERANCE).all()
    torch.testing.assert_close(pairing(g, step, axes), -dual, rtol=1e-9, atol=0)
    # a subgradient of the norm
    slope = norm.norming(x)
    assert (norm.dual_value(slope) <= 1 + TOLERANCE).all()
    torch.testing.assert_close(pairing(slope, x, axes), size, rtol=1e-9, atol=0)
    # triangle inequality, homogeneity, dual of the dual
    assert (norm.value(g + x) <= (norm.value(g) + size) * (1 + TOLERANCE)).all()
    torch.testing.assert_close(norm.value(-3 * x), 3 * size, rtol=1e-12, atol=0)
    torch.testing.assert_close(norm.dual.dual.value(x), size)
    # equivalence with ℓ2
    plain = x.flatten(-axes).norm(dim=-1)
    shape = x.shape[-axes:]
    assert (float(norm.below(*shape)) * plain <= size * (1 + TOLERANCE)).all()
    assert (size <= float(norm.above(*shape)) * plain * (1 + TOLERANCE)).all()


def extremes(m, n):
    """One entry, all entries, one row, one column, a diagonal."""
    tensors = [torch.zeros(m, n, dtype=torch.float64) for _ in range(5)]
    tensors[0][0, 0] = 1
    tensors[1][:] = 1
    tensors[2][0] = 1
    tensors[3][:, 0] = 1
    tensors[4].fill_diagonal_(1)
    return tensors


@every_norm
@pytest.mark.parametrize("shape", [(1, 1), (1, 4), (3, 1), (2, 3), (4, 2)])
def test_constants_are_attained(norm, axes, shape):
    tensors = [t if axes == 2 else t.flatten() for t in extremes(*shape)]
    ratios = [float(norm.value(t) / t.norm()) for t in tensors]
    size = tensors[0].shape
    assert min(ratios) == pytest.approx(float(norm.below(*size)), rel=1e-12)
    assert max(ratios) == pytest.approx(float(norm.above(*size)), rel=1e-12)
    # and ‖·‖ ≤ C ‖·‖₂ is the dual statement of ‖·‖₂ ≤ C ‖·‖*
    assert norm.dual.below(*size) == norm.above(*size) ** -1


@every_norm
def test_dual_of_dual(norm, axes):
    assert norm.dual.dual == norm
    assert norm.latex
    zero = torch.zeros(2, 3, dtype=torch.float64) if axes == 2 else torch.zeros(3, dtype=torch.float64)
    assert float(norm.value(zero)) == 0
    assert (norm.lmo(zero) == 0).all()


@pytest.mark.parametrize("reciprocal", [Fraction(0), Fraction(1, 3), Fraction(1, 2), Fraction(1)])
@few
@given(pair=pairs())
def test_products(reciprocal, pair):
    norm = Product((named("spectral"), named("linf")), reciprocal)
    matrix, other = pair
    g, x = (matrix, other.flatten(1)), (other, matrix.flatten(1))
    total = sum(pairing(a, b, axes) for a, b, axes in zip(g, x, (2, 1), strict=True))
    assert (total <= norm.dual_value(g) * norm.value(x) * (1 + TOLERANCE)).all()
    step = norm.lmo(g)
    assert (norm.value(step) <= 1 + TOLERANCE).all()
    reached = pairing(g[0], step[0], 2) + pairing(g[1], step[1], 1)
    torch.testing.assert_close(reached, -norm.dual_value(g), rtol=1e-9, atol=0)
    assert norm.dual.dual == norm


def test_constants_of_products():
    norm = Product((named("l1"), named("linf"), named("frobenius")))
    shapes = ((4,), (9,), (2, 3))
    assert norm.above(*shapes) == Root.of(2)
    # c = (1, 1/3, 1): (1 + 9 + 1)^(−1/2), attained where all layers have the same norm
    assert norm.below(*shapes) == Root.of(11) ** Fraction(-1, 2)
    assert norm.dual.above(*shapes) == Root.of(11) ** Fraction(1, 2)


def test_names():
    assert all(named(n).name == n for n in NORMS)
    assert named("lp:3/2").dual == named("lp:3")
    assert named("lp:2").name == "l2"
    for wrong in ("l7", "lp:1/2", "lp:x", ""):
        with pytest.raises(ValueError, match="norm"):
            named(wrong)


def test_roots():
    root = Root.of(8) ** Fraction(1, 2)
    assert root == Root.of(2) ** Fraction(3, 2)
    assert (root * root).rational() == 8
    assert Root.of(Fraction(14, 10)) < Root.of(2) ** Fraction(1, 2) < Root.of(Fraction(15, 10))
    with pytest.raises(ValueError, match="irrational"):
        root.rational()
    with pytest.raises(ValueError, match="positive"):
        Root.of(0)


@pytest.mark.parametrize("name", ["spectral", "nuclear"])
def test_a_matrix_that_is_not_finite_spoils_no_other(name):
    """Runs that overflow stand in one batch with runs that do not."""
    norm = named(name)
    x = torch.eye(2, dtype=torch.float64).repeat(3, 1, 1)
    x[1, 0, 1] = torch.inf
    values, steps = norm.value(x), norm.lmo(x)
    assert values.isnan().tolist() == [False, True, False]
    assert steps.isnan().any((-2, -1)).tolist() == [False, True, False]
    assert torch.equal(values[0], norm.value(x[0]))
