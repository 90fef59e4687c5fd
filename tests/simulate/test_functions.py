"""Every family of test functions against every claim it makes: oracles, constants, assumptions.

One table (families × dimensions) feeds all generic tests; the independent solver and the two
nonconvex ball-convex examples have tests of their own.
"""

from __future__ import annotations

import math

import pytest
import torch
from function_table import (
    BATCH,
    PAIRS,
    ROUNDING,
    _around,
    _dot,
    _generator,
    _lost,
    _norm,
    _normal,
    _one,
    _table,
)
from torch import Tensor

from certify.simulate.functions import (
    ASSUMPTIONS,
    ORACLES,
    AbsoluteResidual,
    EuclideanNorm,
    HuberNorm,
    MaxAffine,
    MoreauMaxAffine,
    Quadratic,
    RippledQuadratic,
    SupportVectors,
    TestFunction,
    UnsupportedOracle,
    WeightedL1,
    sample_families,
)

# --- what every function declares ---------------------------------------------------------------


@_table()
def test_declarations_are_complete(f: TestFunction) -> None:
    needed = {
        "smooth": {"L"},
        "smooth-convex": {"L"},
        "strongly-convex": {"mu"},
        "smooth-strongly-convex": {"L", "mu"},
        "pl": {"mu"},
        "lipschitz-convex": {"M"},
        "sharp-growth": {"s"},
    }
    assert f.satisfies <= f.may_satisfy <= ASSUMPTIONS
    assert f.oracles <= ORACLES
    assert set(f.constants) <= {"L", "mu", "M", "s"}
    for assumption in f.satisfies:
        assert needed.get(assumption, set()) <= set(f.constants)
    for constant in (*f.constants.values(), f.minimum):
        assert constant.shape == (BATCH, 1)
        assert constant.dtype == torch.float64
    assert all((constant > 0).all() for constant in f.constants.values())
    if {"L", "mu"} <= set(f.constants):
        assert (f.constants["mu"] <= f.constants["L"]).all()


@_table()
def test_shapes_and_missing_oracles(f: TestFunction) -> None:
    x = _around(f, _generator(0))
    assert f.value(x).shape == (BATCH, 1)
    calls = {
        "subgradient": lambda: f.subgradient(x),
        "prox": lambda: f.prox(x, 0.5),
        "brox": lambda: f.brox(x, 0.5)[0],
    }
    for oracle, call in calls.items():
        if oracle in f.oracles:
            assert call().shape == x.shape
            assert call().dtype == torch.float64
        else:
            with pytest.raises(UnsupportedOracle, match=f"{f.name} has no {oracle} oracle"):
                call()


@_table()
def test_minimum_is_attained_and_never_undercut(f: TestFunction) -> None:
    generator = _generator(1)
    steepest = f.constants.get("M", 0.0)
    scale = f.minimum.abs() + f.value(f.minimizer + 1e-3)
    lost = steepest * _lost(f, f.minimizer)
    assert ((f.value(f.minimizer) - f.minimum).abs() <= ROUNDING * scale + lost).all()
    for _ in range(3 if isinstance(f, MoreauMaxAffine) else PAIRS):
        x = _around(f, generator)
        nearest = f.nearest_minimizer(x)
        lost = steepest * _lost(f, x)
        assert (f.value(x) >= f.minimum - ROUNDING * scale).all()
        assert (f.value(nearest) - f.minimum <= 1e-12 * (f.value(x).abs() + scale) + lost).all()
        distance = _norm(x - f.minimizer)
        assert (_norm(x - nearest) <= distance * (1 + ROUNDING) + ROUNDING).all()


@_table()
def test_rows_can_be_taken(f: TestFunction) -> None:
    rows = torch.tensor([3, 1])
    x = _around(f, _generator(2))
    part = f.take(rows).to("cpu")
    torch.testing.assert_close(part.value(x[rows]), f.value(x)[rows])
    torch.testing.assert_close(part.minimizer, f.minimizer[rows])
    assert part.satisfies >= f.satisfies


# --- gradients, constants and inequalities ------------------------------------------------------


@_table("subgradient")
def test_gradient_agrees_with_differentiation(f: TestFunction) -> None:
    generator = _generator(3)
    for _ in range(5):
        x = _around(f, generator).requires_grad_()
        (expected,) = torch.autograd.grad(f.value(x).sum(), x)
        scale = _norm(expected).clamp_min(1e-300)
        assert (_norm(f.subgradient(x.detach()) - expected) <= 1e-7 * scale).all()


class WithoutFormula(HuberNorm):
    """Huber functions whose gradient nobody wrote down."""

    name = "without-formula"
    subgradient = TestFunction.subgradient


def test_a_family_without_a_formula_is_differentiated() -> None:
    (known,) = HuberNorm.sample(batch=BATCH, dimension=3, generator=_generator(15))
    f = WithoutFormula(**known.parameters)
    x = _around(f, _generator(16))
    with torch.no_grad():
        found = f.subgradient(x)
    assert not found.requires_grad
    torch.testing.assert_close(found, known.subgradient(x))


def _pairs(f: TestFunction) -> list[tuple[Tensor, Tensor]]:
    """Pairs of points far apart and close together, and pairs with the minimiser."""
    generator = _generator(4)
    pairs = []
    for k in range(3 if isinstance(f, MoreauMaxAffine) else PAIRS):  # each of its values is a quadratic program
        x, y = _around(f, generator), _around(f, generator)
        near = x + 10 ** (-4 * (k % 2) - 1) * _normal(f, generator)
        pairs += [(x, y), (x, near), (x, f.minimizer), (f.minimizer, y)]
    return pairs


def _slack(f: TestFunction, x: Tensor, y: Tensor) -> Tensor:
    """What rounding may cost in f(y) ≥ f(x) + ⟨g, y − x⟩ + …: values, slopes, lost digits of x."""
    size = f.value(x).abs() + f.value(y).abs()
    slopes = _norm(f.subgradient(x)) + _norm(f.subgradient(y))
    lost = 1e-12 * size + 1e-13 * slopes * (_norm(x) + _norm(y) + _norm(f.minimizer))
    if isinstance(f, MoreauMaxAffine):  # its value is a sum of terms of the size of the largest piece
        steepest = f.parameters["slopes"].norm(dim=2).amax(1, keepdim=True)
        lost = lost + 1e-15 * steepest * (_norm(x - f.minimizer) + _norm(y - f.minimizer))
    return lost


@_table(assumption="convex")
def test_subgradient_inequality(f: TestFunction) -> None:
    for x, y in _pairs(f):
        model = f.value(x) + _dot(f.subgradient(x), y - x)
        assert (f.value(y) - model >= -_slack(f, x, y)).all()


@_table(assumption="smooth")
def test_smoothness(f: TestFunction) -> None:
    smoothness = f.constants["L"]
    for x, y in _pairs(f):
        change = _norm(f.subgradient(x) - f.subgradient(y))
        lost = _norm(x) + _norm(y) + _norm(f.minimizer)
        assert (change <= smoothness * (_norm(x - y) * (1 + 1e-9) + 1e-13 * lost)).all()
        model = f.value(x) + _dot(f.subgradient(x), y - x)
        bound = 0.5 * smoothness * _norm(y - x) ** 2
        assert ((f.value(y) - model).abs() <= bound * (1 + 1e-9) + _slack(f, x, y)).all()


@_table(assumption="smooth-convex")
def test_smooth_convex_interpolation(f: TestFunction) -> None:
    for x, y in _pairs(f):
        model = f.value(x) + _dot(f.subgradient(x), y - x)
        change = _norm(f.subgradient(x) - f.subgradient(y)) ** 2 / (2 * f.constants["L"])
        assert (f.value(y) - model - change >= -10 * _slack(f, x, y)).all()


@_table(assumption="strongly-convex")
def test_strong_convexity(f: TestFunction) -> None:
    for x, y in _pairs(f):
        model = f.value(x) + _dot(f.subgradient(x), y - x)
        gain = 0.5 * f.constants["mu"] * _norm(y - x) ** 2
        assert (f.value(y) - model - gain >= -_slack(f, x, y)).all()


@_table(assumption="lipschitz-convex")
def test_lipschitz_continuity(f: TestFunction) -> None:
    for x, y in _pairs(f):
        slope = f.constants["M"]
        assert (_norm(f.subgradient(x)) <= slope * (1 + ROUNDING)).all()
        difference = (f.value(x) - f.value(y)).abs()
        assert (difference <= slope * _norm(x - y) * (1 + ROUNDING) + _slack(f, x, y)).all()


@_table(assumption="sharp-growth")
def test_sharpness(f: TestFunction) -> None:
    for x, _ in _pairs(f):
        rise = f.constants["s"] * _norm(x - f.minimizer)
        assert (f.value(x) - f.minimum >= rise * (1 - ROUNDING)).all()


@_table(assumption="pl")
def test_polyak_lojasiewicz(f: TestFunction) -> None:
    for x, _ in _pairs(f):
        gap = f.value(x) - f.minimum
        squared = _norm(f.subgradient(x)) ** 2
        assert (squared * (1 + 1e-9) >= 2 * f.constants["mu"] * gap).all()


# --- constants are attained ---------------------------------------------------------------------


@_table(assumption="smooth")
def test_smoothness_is_attained_at_the_minimizer(f: TestFunction) -> None:
    h = 1e-5
    columns = []
    for j in range(f.minimizer.shape[1]):
        step = torch.zeros_like(f.minimizer)
        step[:, j] = h
        ahead, behind = f.subgradient(f.minimizer + step), f.subgradient(f.minimizer - step)
        columns.append((ahead - behind) / (2 * h))
    curvature = torch.linalg.matrix_norm(torch.stack(columns, 2), ord=2)[:, None]
    torch.testing.assert_close(curvature, f.constants["L"], rtol=1e-6, atol=0.0)


@_table(assumption="lipschitz-convex")
def test_lipschitz_constant_is_attained(f: TestFunction) -> None:
    far = f.minimizer + 1e6 * _steepest(f)
    torch.testing.assert_close(_norm(f.subgradient(far)), f.constants["M"], rtol=ROUNDING, atol=0.0)


def _steepest(f: TestFunction) -> Tensor:
    """A direction in which the slope becomes M: any for most families."""
    if isinstance(f, MaxAffine):
        slopes = f.parameters["slopes"]
        return slopes[torch.arange(BATCH), slopes.norm(dim=2).argmax(1)] / f.constants["M"]
    if isinstance(f, AbsoluteResidual):
        matrix = f.parameters["matrix"]
        signs = torch.cartesian_prod(*[matrix.new_tensor([-1.0, 1.0])] * matrix.shape[1])
        sums = signs @ matrix
        return sums[torch.arange(BATCH), sums.norm(dim=2).argmax(1)] / f.constants["M"]
    return _normal(f, _generator(5))


@_table(assumption="strongly-convex")
def test_strong_convexity_is_attained(f: TestFunction) -> None:
    if isinstance(f, Quadratic):
        direction = f.parameters["basis"][:, :, 0]
    else:
        direction = _normal(f, _generator(6))
        direction = direction / _norm(direction)
    first = 1e6 if isinstance(f, SupportVectors) else 100  # beyond the last kink
    near, far = f.minimizer + first * direction, f.minimizer + (first + 200) * direction
    change = _dot(f.subgradient(far) - f.subgradient(near), direction) / 200
    torch.testing.assert_close(change, f.constants["mu"], rtol=1e-6, atol=0.0)


@pytest.mark.parametrize("ripple", [0.5, 1.0, 3.0, 4.5])
def test_pl_constant_is_a_lower_bound_and_not_vacuous(ripple: float) -> None:
    grid = torch.linspace(1e-3, 30.0, 200_001, dtype=torch.float64)[:, None]
    one = torch.ones_like(grid)
    f = RippledQuadratic(
        basis=one[:, :, None],
        curvatures=2 * one,
        frequencies=one,
        ripple=ripple * one,
        minimizer=0 * one,
    )
    torch.testing.assert_close(f.value(grid), grid**2 + ripple * grid.sin() ** 2)
    best = (f.subgradient(grid) ** 2 / (2 * f.value(grid))).min()
    assert f.constants["mu"][0, 0] <= best <= 2.5 * f.constants["mu"][0, 0]
    assert (f.constants["L"] == 2 + 2 * ripple).all()


# --- sampling and arguments ---------------------------------------------------------------------


@pytest.mark.parametrize("assumption", sorted(ASSUMPTIONS))
@pytest.mark.parametrize("dimension", [1, 3])
def test_sampling_is_deterministic_and_honest(assumption: str, dimension: int) -> None:
    def draw(seed: int) -> list[TestFunction]:
        return sample_families(assumption, batch=5, dimension=dimension, generator=_generator(seed))

    first, again, other = draw(1), draw(1), draw(2)
    assert first
    assert [f.name for f in first] == [f.name for f in again]
    for f, g, h in zip(first, again, other, strict=True):
        assert assumption in f.satisfies
        assert f.minimizer.shape == (5, dimension)
        assert torch.equal(f.minimizer, g.minimizer)
        assert not torch.equal(f.minimizer, h.minimizer)
        assert math.isfinite(float(f.value(f.minimizer).sum()))


def test_arguments_are_checked() -> None:
    one, basis = _one(1.0), torch.ones(1, 1, 1, dtype=torch.float64)
    f = EuclideanNorm(slope=one, minimizer=one)
    with pytest.raises(ValueError, match="assumption 'smoth' is unknown"):
        sample_families("smoth", batch=1, dimension=1, generator=_generator(0))
    with pytest.raises(ValueError, match="batch is 0"):
        sample_families("convex", batch=0, dimension=1, generator=_generator(0))
    with pytest.raises(ValueError, match="slope must be finite and positive"):
        EuclideanNorm(slope=-one, minimizer=one)
    with pytest.raises(ValueError, match="use float64"):
        EuclideanNorm(slope=one, minimizer=one.float())
    with pytest.raises(ValueError, match="basis must hold orthogonal matrices"):
        WeightedL1(basis=2 * basis, weights=one, minimizer=one)
    with pytest.raises(ValueError, match="spectrum must be nonnegative"):
        Quadratic(basis=basis, spectrum=0 * one, minimizer=one)
    with pytest.raises(ValueError, match=r"ripple must be at most 4\.6"):
        RippledQuadratic(basis=basis, curvatures=one, frequencies=one, ripple=5 * one, minimizer=one)
    with pytest.raises(ValueError, match="gamma must be positive"):
        f.prox(one, 0.0)
    with pytest.raises(ValueError, match=r"t has shape \(2,\)"):
        f.brox(one, torch.ones(2, dtype=torch.float64))
