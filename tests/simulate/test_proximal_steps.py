"""Proximal and ball-proximal steps of the test functions are optimal, and agree with an independent solver."""

from __future__ import annotations

from collections.abc import Callable

import cvxpy as cp
import numpy as np
import pytest
import torch
from function_table import (
    _around,
    _dot,
    _generator,
    _lost,
    _norm,
    _normal,
    _one,
    _radii,
    _table,
)
from torch import Tensor

from certify.simulate.functions import (
    FAMILIES,
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
    SupportVectors,
    TestFunction,
    WeightedL1,
    brox_by_prox,
)

Expression = Callable[[cp.Variable, int], cp.Expression]


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
