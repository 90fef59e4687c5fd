"""Linear minimisation and ball-prox steps in norms: a convex solver agrees, and optimality holds to ten digits."""

import cvxpy as cp
import numpy as np
import pytest
import torch

from certify.geometry import named
from certify.simulate.normed import TensorSpace, sample_in_norm

SOLVED = 1e-6
"""What the solver's values are good for."""
EXACT = 1e-10
MATRIX = (2, 3)
BALLS = {
    "l1": cp.norm1,
    "l2": cp.norm2,
    "linf": cp.norm_inf,
    "lp:3": lambda z: cp.pnorm(z, 3),
    "rms": lambda z: cp.norm2(z) / z.size**0.5,
    "spectral": cp.sigma_max,
    "nuclear": cp.normNuc,
    "frobenius": lambda z: cp.norm(z, "fro"),
    "max-entry": lambda z: cp.max(cp.abs(z)),
    "max-column": lambda z: cp.max(cp.norm(z, 2, axis=0)),
    "max-row": lambda z: cp.max(cp.norm(z, 2, axis=1)),
    "rms-to-rms": lambda z: cp.sigma_max(z) * (MATRIX[1] / MATRIX[0]) ** 0.5,
}
VECTORS = ("l1", "l2", "linf", "lp:3", "rms")


@pytest.mark.parametrize("name", BALLS)
def test_linear_minimisation_agrees_with_a_solver(name):
    norm, shape = named(name), (4,) if name in VECTORS else MATRIX
    g = torch.randn(3, *shape, dtype=torch.float64, generator=torch.Generator().manual_seed(5))
    g[2] = g[2].round()  # ties and zeros
    found = norm.lmo(g)
    assert (norm.value(found) <= 1 + EXACT).all()
    for row in range(3):
        s = cp.Variable(shape)
        least = cp.Problem(cp.Minimize(cp.sum(cp.multiply(g[row].numpy(), s))), [BALLS[name](s) <= 1])
        least.solve(solver=cp.CLARABEL)
        attained = float((g[row] * found[row]).sum())
        assert attained == pytest.approx(least.value, rel=SOLVED)
        assert float(BALLS[name](cp.Constant(found[row].numpy())).value) <= 1 + EXACT  # the very ball
        assert attained == pytest.approx(-float(norm.dual_value(g[row])), rel=EXACT)  # and no better point in it


def _model(f, z, row):
    """f of the row at a variable z."""
    data = {n: v.numpy()[row] for n, v in f.parameters.items()}
    w = z - data["minimizer"]
    shaped = cp.reshape(w, MATRIX, order="C") if f.norm.name in ("spectral", "nuclear") else w
    if f.name == "radial":
        size = BALLS[f.norm.name](shaped)
        return data["slope"][0] * size + data["curvature"][0] / 2 * cp.square(size)
    if f.name == "singular-values":
        return data["curvature"][0] / 2 * cp.sum_squares(w) + data["weight"][0] * cp.normNuc(shaped)
    if f.name == "box-quadratic":
        return cp.quad_form(w, cp.psd_wrap(data["matrix"])) / 2
    return cp.sum(cp.multiply(data["curvature"] / 2, cp.square(w)) + cp.multiply(data["weight"], cp.abs(w)))


@pytest.mark.parametrize("name", ["linf", "l1", "spectral", "nuclear"])
def test_ball_prox_steps_agree_with_a_solver(name):
    norm, d = named(name), 6 if name in ("spectral", "nuclear") else 2
    space, dual = TensorSpace(norm), TensorSpace(norm.dual)
    generator = torch.Generator().manual_seed(2)
    for f in sample_in_norm(norm, "convex", batch=2, dimension=d, generator=generator):
        x = f.minimizer + torch.randn(2, d, dtype=torch.float64, generator=generator)
        t = 0.3 * space.size(x - f.minimizer)
        u, g = f.brox(x, t)
        scale = t * dual.size(g)
        assert (g != 0).any(1).all()
        assert (space.size(u - x) <= t * (1 + EXACT)).all()
        assert (((g * (x - u)).sum(1, keepdim=True) - scale).abs() <= EXACT * scale).all()
        for row in range(2):
            z = cp.Variable(d)
            move = z - x[row].numpy()
            move = cp.reshape(move, MATRIX, order="C") if d == 6 else move
            size = float(f.value(x)[row])
            objective = _model(f, z, row) / size
            cp.Problem(cp.Minimize(objective), [BALLS[name](move) <= float(t[row])]).solve(solver=cp.CLARABEL)
            assert float(f.value(u)[row]) / size == pytest.approx(objective.value, abs=SOLVED)
            slope, value = g[row].numpy(), objective.value * size  # a subgradient at u: the solver's point obeys it too
            assert value >= float(f.value(u)[row]) + slope @ (np.asarray(z.value) - u[row].numpy()) - SOLVED * size
