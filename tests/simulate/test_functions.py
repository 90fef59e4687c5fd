"""Every family of test functions against every claim it makes: oracles, constants, assumptions.

One table (families × dimensions) feeds all generic tests; the independent solver and the two
nonconvex ball-convex examples have tests of their own.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import cvxpy as cp
import numpy as np
import pytest
import torch
from torch import Tensor

from certify.simulate.functions import (
    ASSUMPTIONS,
    FAMILIES,
    ORACLES,
    POLYHEDRAL,
    AbsoluteResidual,
    BallDistance,
    BentQuadratic,
    Cliff,
    ClippedVee,
    CoordinateHuber,
    EuclideanNorm,
    HuberNorm,
    MaxAffine,
    MaxNorm,
    MoreauMaxAffine,
    Quadratic,
    QuadraticPlusHuber,
    QuadraticPlusNorm,
    RippledQuadratic,
    SupportVectors,
    TestFunction,
    UnsupportedOracle,
    WeightedL1,
    brox_by_prox,
    sample_families,
)

BATCH = 48
DIMENSIONS = (1, 2, 7)
PAIRS = 25
ROUNDING = 1e-11

Expression = Callable[[cp.Variable, int], cp.Expression]


def _generator(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def _normal(f: TestFunction, generator: torch.Generator) -> Tensor:
    return torch.randn(f.minimizer.shape, dtype=torch.float64, generator=generator)


def _around(f: TestFunction, generator: torch.Generator) -> Tensor:
    """Points at distances from 1e-4 to 1e2 of the minimiser."""
    exponent = 6 * torch.rand(f.minimizer.shape[0], 1, dtype=torch.float64, generator=generator)
    return f.minimizer + 10 ** (exponent - 4) * _normal(f, generator)


def _norm(x: Tensor) -> Tensor:
    return x.norm(dim=1, keepdim=True)


def _dot(x: Tensor, y: Tensor) -> Tensor:
    return (x * y).sum(1, keepdim=True)


def _radii(f: TestFunction, x: Tensor, generator: torch.Generator) -> Tensor:
    """Accepted radii, most of them shorter than the distance to the minimisers."""
    unit = torch.rand(x.shape[0], 1, dtype=torch.float64, generator=generator)
    distance = _norm(x - f.nearest_minimizer(x)).clamp_min(1e-6)
    t = distance * 10 ** (3.2 * unit - 3)
    smallest = f.parameters["radius"] if isinstance(f, ClippedVee | Cliff) else 0.0
    return torch.maximum(t, t.new_tensor(1.0) * smallest)


TABLE = {
    f"{f.name}-{index}-d{dimension}": f
    for dimension in DIMENSIONS
    for family in (*FAMILIES, *POLYHEDRAL)
    for index, f in enumerate(family.sample(batch=BATCH, dimension=dimension, generator=_generator(dimension)))
}


def _table(*oracles: str, assumption: str | None = None) -> pytest.MarkDecorator:
    rows = [
        pytest.param(f, id=name)
        for name, f in TABLE.items()
        if f.oracles.issuperset(oracles) and (assumption is None or assumption in f.satisfies)
    ]
    assert rows
    return pytest.mark.parametrize("f", rows)


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


# --- prox ---------------------------------------------------------------------------------------


@_table("prox")
def test_prox_is_optimal(f: TestFunction) -> None:
    """For convex f, p = prox_γ f(x) if and only if (x − p)/γ is a subgradient at p."""
    assert "convex" in f.satisfies
    generator = _generator(7)
    for exponent in (-4.0, -1.0, 0.0, 1.0, 4.0):
        x, gamma = _around(f, generator), 10.0**exponent
        p = f.prox(x, gamma)
        g = (x - p) / gamma
        for y in (x, f.minimizer, f.nearest_minimizer(x), *_probes(f, p, generator)):
            slack = _support_slack(f, x, y, p, g)
            lost = 1e-13 * (_norm(x) + _norm(p)) / gamma * _norm(y - p)
            assert (f.value(y) - f.value(p) - _dot(g, y - p) >= -slack - lost).all()


@_table("prox", "gradient")
@pytest.mark.parametrize("gamma", [1e-2, 1.0, 1e2])
def test_prox_solves_its_equation_to_ten_digits(f: TestFunction, gamma: float) -> None:
    """p + γ∇f(p) = x, where a change δ of p changes the left side by at most (1 + γL) δ."""
    x = f.minimizer + _normal(f, _generator(17))
    p = f.prox(x, gamma)
    residual = _norm(p + gamma * f.subgradient(p) - x)
    assert (residual <= 1e-10 * (1 + gamma * f.constants["L"])).all()


def _probes(f: TestFunction, u: Tensor, generator: torch.Generator) -> list[Tensor]:
    """Points anywhere, and points close to u."""
    close = [u + 10.0**-k * _normal(f, generator) for k in (0, 1, 2, 4)]
    return [*close, *(_around(f, generator) for _ in range(8))]


def _lost(f: TestFunction, x: Tensor) -> Tensor:
    """How far rounding may move a point that is computed from x and x*."""
    return 1e-15 * (_norm(x) + _norm(f.minimizer))


def _support_slack(f: TestFunction, x: Tensor, y: Tensor, u: Tensor, g: Tensor) -> Tensor:
    height = f.value(x).abs() + f.value(y).abs() + f.minimum.abs()
    steepest = f.constants.get("M", 0.0)
    return 1e-12 * (height + _norm(g) * _norm(y - u)) + (steepest + 1e3 * _norm(g)) * _lost(f, x)


# --- brox ---------------------------------------------------------------------------------------


@_table("brox")
def test_brox_and_its_certificate(f: TestFunction) -> None:
    generator = _generator(8)
    for _ in range(12):
        x = _around(f, generator)
        t = _radii(f, x, generator)
        assert f.accepts_radius(t).all()
        _check_brox(f, x, t, generator)


@_table("brox")
@pytest.mark.parametrize("ratio", [1e-7, 0.5, 1 - 1e-9, 1 + 1e-9, 1e3])
def test_brox_at_extreme_radii(f: TestFunction, ratio: float) -> None:
    generator = _generator(9)
    x = _around(f, generator)
    t = ratio * _norm(x - f.nearest_minimizer(x)).clamp_min(1e-9)
    accepted = f.accepts_radius(t)[:, 0]
    if bool(accepted.any()):
        _check_brox(f.take(accepted), x[accepted], t[accepted], generator)


def _check_brox(f: TestFunction, x: Tensor, t: Tensor, generator: torch.Generator) -> None:
    u, g = f.brox(x, t)
    step = x - u
    lost = _lost(f, x)
    assert u.isfinite().all()
    assert g.isfinite().all()
    assert (_norm(step) <= t * (1 + 1e-13) + 10 * lost).all()
    stopped = (g == 0).all(1, keepdim=True)
    scale = f.value(x).abs() + f.minimum.abs()
    reach = f.value(u) - f.minimum <= 1e-12 * scale + f.constants.get("M", 0.0) * lost
    assert (reach | ~stopped).all()
    if "ball-convex" in f.satisfies:
        full = (_norm(step) / t - 1).abs() <= 1e-13 + 10 * lost / t
        assert (full | stopped).all()
    c = _dot(g, step) / _dot(step, step).clamp_min(1e-300)
    assert (c >= 0).all()
    assert (_norm(g - c * step) <= _norm(g) * (1e-12 + 20 * lost / t)).all()
    for y in (x, f.minimizer, f.nearest_minimizer(x), *_probes(f, u, generator)):
        support = f.value(u) + _dot(g, y - u)
        assert (f.value(y) - support >= -_support_slack(f, x, y, u, g)).all()
    for k in range(20):
        direction = _normal(f, generator)
        radius = t * torch.rand(t.shape, dtype=t.dtype, generator=generator) ** (k % 4 / 4)
        z = x + radius * direction / _norm(direction)
        assert (f.value(z) >= f.value(u) - 1e-10 * scale).all()


@_table("prox", "brox")
def test_search_over_gamma_agrees_with_the_direct_brox(f: TestFunction) -> None:
    generator = _generator(10)
    x = _around(f, generator)
    t = _radii(f, x, generator)
    (u, g), (other, h) = f.brox(x, t), brox_by_prox(f, x, t)
    assert (_norm(u - other) <= 1e-7 * t + 1e-12 * _norm(x)).all()
    allowed = 1e-10 * f.value(x) + _norm(f.subgradient(x)) * _lost(f, x)
    assert ((f.value(u) - f.value(other)).abs() <= allowed).all()
    assert (((g == 0).all(1)) == ((h == 0).all(1))).all()


@_table("brox", assumption="ball-convex")
def test_ball_prox_steps_terminate_in_time(f: TestFunction) -> None:
    """‖x⁺ − x*‖² ≤ ‖x − x*‖² − t² until optimal, hence at most ⌈‖x − x*‖²/t²⌉ steps."""
    x = f.minimizer + _normal(f, _generator(11))
    t = _norm(x - f.minimizer) / 3.3
    accepted = f.accepts_radius(t)[:, 0]
    if not bool(accepted.any()):
        pytest.skip("no row accepts these radii")
    f, x, t = f.take(accepted), x[accepted], t[accepted]
    for _ in range(11):
        u, g = f.brox(x, t)
        before, after = _norm(x - f.minimizer) ** 2, _norm(u - f.minimizer) ** 2
        stopped = (g == 0).all(1, keepdim=True)
        assert (stopped | (after <= before - t**2 * (1 - 1e-9))).all()
        x = u
    assert stopped.all()


def _models(f: TestFunction) -> Expression:
    """The same function written for an independent solver."""
    data = {key: value.numpy() for key, value in f.parameters.items()}

    def offset(z: cp.Variable, row: int) -> cp.Expression:
        return z - data["minimizer"][row]

    def coordinates(z: cp.Variable, row: int) -> cp.Expression:
        return data["basis"][row].T @ offset(z, row)

    def entry(key: str, row: int) -> float:
        return float(data[key][row, 0])

    def radial_huber(z: cp.Variable, row: int) -> cp.Expression:
        width = entry("width", row)
        return entry("slope", row) * width / 2 * cp.huber(cp.norm(offset(z, row)) / width)

    def bowl(z: cp.Variable, row: int) -> cp.Expression:
        return entry("curvature", row) / 2 * cp.sum_squares(offset(z, row))

    def coordinate_huber(z: cp.Variable, row: int) -> cp.Expression:
        widths, weights = data["widths"][row], data["weights"][row]
        terms = [weights[i] * widths[i] / 2 * cp.huber(coordinates(z, row)[i] / widths[i]) for i in range(len(widths))]
        return cp.sum(terms)

    def bent(z: cp.Variable, row: int) -> cp.Expression:
        near, far, w = data["near"][row], data["far"][row], offset(z, row)
        capped = cp.multiply(near**2 / 2, cp.huber(cp.multiply(1 / near, cp.pos(w))))
        return entry("curvature", row) * cp.sum(capped + cp.square(cp.neg(w)) / 2 + cp.square(cp.pos(w - far)) / 2)

    def largest(z: cp.Variable, row: int) -> cp.Expression:
        return cp.max(data["slopes"][row] @ offset(z, row) + data["offsets"][row])

    def hinges(z: cp.Variable, row: int) -> cp.Expression:
        points, ridge = data["points"][row], entry("curvature", row)
        w = offset(z, row) + points.T @ data["multipliers"][row] / ridge
        slack = data["excess"][row] - points @ offset(z, row)
        return cp.sum(cp.pos(slack)) + ridge / 2 * cp.sum_squares(w)

    def envelope(z: cp.Variable, row: int) -> cp.Expression:
        u = cp.Variable(z.shape)
        return largest(u, row) + cp.sum_squares(z - u) / (2 * entry("width", row))

    models: dict[type[TestFunction], Expression] = {
        MaxAffine: largest,
        AbsoluteResidual: lambda z, row: cp.norm1(data["matrix"][row] @ offset(z, row) - data["residual"][row]),
        SupportVectors: hinges,
        MoreauMaxAffine: envelope,
        BentQuadratic: bent,
        Quadratic: lambda z, row: 0.5 * cp.sum_squares(cp.multiply(data["spectrum"][row] ** 0.5, coordinates(z, row))),
        EuclideanNorm: lambda z, row: entry("slope", row) * cp.norm(offset(z, row)),
        HuberNorm: radial_huber,
        CoordinateHuber: coordinate_huber,
        QuadraticPlusNorm: lambda z, row: bowl(z, row) + entry("slope", row) * cp.norm(offset(z, row)),
        QuadraticPlusHuber: lambda z, row: bowl(z, row) + radial_huber(z, row),
        WeightedL1: lambda z, row: cp.sum(cp.multiply(data["weights"][row], cp.abs(coordinates(z, row)))),
        MaxNorm: lambda z, row: entry("slope", row) * cp.norm_inf(offset(z, row)),
        BallDistance: lambda z, row: (
            entry("slope", row) * cp.pos(cp.norm(z - data["center"][row]) - entry("radius", row))
        ),
    }
    return models[type(f)]


@pytest.mark.parametrize(
    "f",
    [
        pytest.param(f, id=f"{f.name}-{index}")
        for family in (*FAMILIES, *POLYHEDRAL)
        for index, f in enumerate(family.sample(batch=3, dimension=4, generator=_generator(12)))
        if "prox" in f.oracles
    ],
)
def test_prox_and_brox_agree_with_an_independent_solver(f: TestFunction) -> None:
    model = _models(f)
    direction = _normal(f, _generator(13))
    reach = 3 + 2 * f.parameters["radius"] if isinstance(f, BallDistance) else 3.0
    x = f.minimizer + reach * direction / _norm(direction)
    t = 0.3 * _norm(x - f.nearest_minimizer(x))
    gamma = 0.7
    u, g = f.brox(x, t) if "brox" in f.oracles else brox_by_prox(f, x, t)
    p = f.prox(x, gamma)
    assert (g != 0).any(1).all()
    for row in range(len(x)):
        scale = float(f.value(x)[row])
        z = cp.Variable(x.shape[1])
        objective = model(z, row) / scale
        ball = cp.norm(z - x[row].numpy()) <= float(t[row])
        cp.Problem(cp.Minimize(objective), [ball]).solve(solver=cp.CLARABEL)
        assert float(f.value(u)[row]) / scale == pytest.approx(objective.value, abs=1e-7)
        assert np.linalg.norm(z.value - u[row].numpy()) <= 2e-2 * float(t[row])
        penalty = cp.sum_squares(z - x[row].numpy()) / (2 * gamma * scale)
        least = cp.Problem(cp.Minimize(objective + penalty)).solve(solver=cp.CLARABEL)
        moved = _norm(p - x)[row] ** 2 / (2 * gamma)
        assert float(f.value(p)[row] + moved) / scale == pytest.approx(least, abs=1e-7)


# --- the two ball-convex functions that are not convex ------------------------------------------


def _one(value: float) -> Tensor:
    return torch.tensor([[value]], dtype=torch.float64)


@pytest.mark.parametrize("family", [ClippedVee, Cliff])
@pytest.mark.parametrize("factor", [0.3, 0.95, 1.0, 1.7])
def test_radius_threshold_on_the_line(family: type[TestFunction], factor: float) -> None:
    """Below the radius the ball-prox stays right, but some rows have no certificate."""
    (f,) = family.sample(batch=1, dimension=1, generator=_generator(14))
    f = f.take(torch.zeros(1001, dtype=torch.int64))
    radius = f.parameters["radius"]
    height = f.parameters["slope"] * radius
    t = factor * radius
    offset = torch.linspace(-5, 5, 1001, dtype=torch.float64)[:, None] + 1e-4
    x = f.parameters.get("center", f.minimizer + 2 * radius) + offset * radius
    u, g = f.brox(x, t)
    assert ((u - x).abs() <= t * (1 + 1e-12) + 1e-12).all()
    for share in torch.linspace(-1, 1, 1001, dtype=torch.float64):
        assert (f.value(u) <= f.value(x + share * t) + 1e-9 * height).all()
    assert bool(f.accepts_radius(t).all()) == (factor >= 1)
    assert bool(g.isnan().any()) == (factor < 1)


def test_clipped_vee_is_not_convex() -> None:
    f = ClippedVee(slope=_one(2.0), radius=_one(1.0), center=_one(0.0), direction=_one(1.0))
    assert "convex" not in f.satisfies
    assert f.value(_one(0.0)) > 0.5 * (f.value(_one(1.0)) + f.value(_one(-1.0)))
    u, g = f.brox(_one(3.0), 1.0)
    assert (u.item(), g.item()) == (2.0, 2.0)


def test_distance_law_needs_continuity() -> None:
    """From v = 0.05 the cliff's ball-prox moves to 0 only: the squared distance loses < t²."""
    f = Cliff(slope=_one(1.0), radius=_one(1.0), minimizer=_one(-2.0))
    x = _one(0.05)
    u, g = f.brox(x, 1.0)
    assert (u.item(), g.item()) == (0.0, 3.5)
    assert (x - f.minimizer) ** 2 - (u - f.minimizer) ** 2 < 1.0
    assert "ball-convex" not in f.satisfies


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
