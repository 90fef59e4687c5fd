"""Convex quadratics over the unit simplex, to the accuracy of double precision: min ½ αᵀHα + cᵀα, α ≥ 0, Σα = 1.

A primal active-set method for strictly convex H, inside a proximal-point iteration for singular H (recorded points are
usually affinely dependent). The Frank–Wolfe gap ∇ᵀα − min ∇ bounds the error of the value.
"""

from __future__ import annotations

import numpy as np

PROXIMITY = 1e-9
ROUNDS = 60


def minimise(hessian: np.ndarray, linear: np.ndarray) -> np.ndarray:
    """A minimiser α over the unit simplex."""
    size = max(float(np.abs(np.diag(hessian)).max()), 1e-300)
    order = max(size, float(np.abs(linear).max()))
    shifted = hessian + PROXIMITY * size * np.eye(len(linear))
    alpha = np.zeros(len(linear))
    alpha[int(np.argmin(np.diag(hessian) / 2 + linear))] = 1.0
    for _ in range(ROUNDS):
        slope = hessian @ alpha + linear
        if float(slope @ alpha - slope.min()) <= 1e-16 * order:
            break
        moved = _active_set(shifted, linear - PROXIMITY * size * alpha, alpha)
        change = float(np.abs(moved - alpha).max())
        alpha = moved
        if change <= 1e-14:
            break
    return alpha


def _active_set(hessian: np.ndarray, linear: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """The minimiser for positive definite H, from a point of the simplex."""
    support = alpha > 0
    for _ in range(20 * len(linear) + 20):
        target = np.zeros_like(alpha)
        target[support] = _on_plane(hessian[np.ix_(support, support)], linear[support])
        falling = support & (target < 0)
        if falling.any():
            steps = np.where(falling, alpha / np.maximum(alpha - target, 1e-300), np.inf)
            leaving = int(np.argmin(steps))
            alpha = np.maximum(alpha + steps[leaving] * (target - alpha), 0.0)
            alpha[leaving] = 0.0
            support[leaving] = False
            continue
        alpha = target
        slope = hessian @ alpha + linear
        level = float(slope @ alpha)
        slope[support] = np.inf
        entering = int(np.argmin(slope))
        if slope[entering] >= level - 1e-16 * max(1.0, abs(level)):
            break
        support[entering] = True
    return alpha


def _on_plane(hessian: np.ndarray, linear: np.ndarray) -> np.ndarray:
    """The minimiser over Σα = 1."""
    n = len(linear)
    system = np.ones((n + 1, n + 1))
    system[:n, :n] = hessian
    system[n, n] = 0.0
    return np.linalg.solve(system, np.append(-linear, 1.0))[:n]
