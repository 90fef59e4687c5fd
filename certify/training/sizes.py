"""What the learning rate says: how large an update should be, by kind, from the group and the optimiser's own state.

- SGD: ‖ΔX‖₂ = lr · ‖d‖₂, d = gradient, or momentum buffer (Nesterov: g + μ·buffer).
- Adam: ΔX = −lr · m̂/(√v̂ + ε) with the state after the step; ‖·‖∞.
- Sign (Lion): ‖ΔX‖∞ = lr.
- Muon: ‖ΔX‖_op = lr · s · p with p in [0.68, 1.21] for the usual Newton–Schulz iteration and s the scaling in use.
- Scion: the same, or an exact size, in the group's own norm, times its `scale`.

Decoupled decay is taken off ΔX first.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.optim import Optimizer

from certify.training.kinds import BETA_KEYS, Kind

Scaling = Callable[[int, int], float]

SCALINGS: dict[str, Scaling] = {
    "1": lambda m, n: 1.0,
    "√max(1, m/n)": lambda m, n: math.sqrt(max(1.0, m / n)),
    "√(m/n)": lambda m, n: math.sqrt(m / n),
    "0.2 √max(m, n)": lambda m, n: 0.2 * math.sqrt(max(m, n)),
}
"""Scalings of an orthogonalised update of shape m × n that are in use; the first is none."""

WRONG_SCALINGS: dict[str, Scaling] = {
    "√max(1, n/m), rows and columns swapped": lambda m, n: math.sqrt(max(1.0, n / m)),
    "√(n/m), rows and columns swapped": lambda m, n: math.sqrt(n / m),
    "max(1, m/n), the root is missing": lambda m, n: max(1.0, m / n),
    "0.2 max(m, n), the root is missing": lambda m, n: 0.2 * max(m, n),
    "m/n, the root is missing": lambda m, n: m / n,
}
LOW, HIGH = 0.6, 1.3
"""What Newton–Schulz in low precision leaves of a unit spectral norm."""


@dataclass(frozen=True)
class Expected:
    """The size that lr implies, with the factors between which the real one may lie, and how it was found."""

    size: float
    low: float
    high: float
    rule: str


def expected(
    kind: Kind, optimizer: Optimizer, group: dict[str, Any], lr: float, p: Tensor, before: Tensor, gradient: Tensor
) -> Expected | None:
    """The rule for a tensor that was stepped with `gradient` from `before`; none if its kind has no rule."""
    state = optimizer.state.get(p, {})
    if kind is Kind.SGD:
        return _sgd(group, lr, state, before, gradient)
    if kind is Kind.ADAM:
        return _adam(group, lr, state, p) if _is_adam(optimizer, group) else None
    if kind is Kind.SIGN:
        return Expected(lr, 0.99, 1.01, "lr")
    return None


def _sgd(group: dict[str, Any], lr: float, state: dict[str, Any], before: Tensor, gradient: Tensor) -> Expected | None:
    momentum = float(group.get("momentum", 0.0))
    decay = float(group.get("weight_decay", 0.0) or 0.0)
    direction = gradient + decay * before if decay else gradient
    buffer = state.get("momentum_buffer")
    if momentum and not isinstance(buffer, Tensor):
        return None
    if momentum and isinstance(buffer, Tensor):
        direction = direction + momentum * buffer if group.get("nesterov") else buffer
    return Expected(lr * float(direction.norm()), 0.98, 1.02, "lr · ‖d‖₂")


def _is_adam(optimizer: Optimizer, group: dict[str, Any]) -> bool:
    """Adam itself, not one of its many relatives."""
    return "use_muon" in group or any(c.__name__.lower() in ("adam", "adamw") for c in type(optimizer).__mro__)


def _adam(group: dict[str, Any], lr: float, state: dict[str, Any], p: Tensor) -> Expected | None:
    mean, square, step = state.get("exp_avg"), state.get("exp_avg_sq"), state.get("step")
    betas = group.get("betas")
    if not isinstance(mean, Tensor) or not isinstance(square, Tensor) or step is None or betas is None:
        return None
    if group.get("amsgrad") or mean.shape != p.shape or square.shape != p.shape:
        return None
    t, eps = float(step), float(group.get("eps", 1e-8))
    mean_hat = mean / (1 - float(betas[0]) ** t)
    square_hat = square / (1 - float(betas[1]) ** t)
    size = lr * float((mean_hat / (square_hat.sqrt() + eps)).abs().amax())
    return Expected(size, 0.9, 1.1, "lr · ‖m̂/(√v̂ + ε)‖∞")


def declared_scaling(optimizer: Optimizer, group: dict[str, Any]) -> str | None:
    """The scaling that torch's Muon is told to use; other code does not say."""
    if type(optimizer).__module__.startswith("torch.optim") and "adjust_lr_fn" in group:
        return {None: "√max(1, m/n)", "original": "√max(1, m/n)"}.get(group["adjust_lr_fn"], "0.2 √max(m, n)")
    return None


def fitting_scaling(factors: dict[str, tuple[float, tuple[int, int]]]) -> tuple[str, Scaling, int]:
    """The scaling that most tensors fit (factor = ‖ΔX‖_op/lr, shape), with the number of those it does not fit.

    Scalings in use come first, so that a wrong one is named only if it explains more.
    """
    best: tuple[str, Scaling, int] | None = None
    for name, scaling in (SCALINGS | WRONG_SCALINGS).items():
        misses = sum(not LOW <= factor / scaling(*shape) <= HIGH for factor, shape in factors.values())
        if best is None or misses < best[2]:
            best = name, scaling, misses
    assert best is not None  # noqa: S101 - the tables are not empty
    return best


@dataclass(frozen=True)
class Average:
    """How the optimiser's average of gradients moves: buffer⁺ ≈ kept · buffer + added · gradient."""

    kept: float
    added: float


def average_of(state_before: dict[str, Tensor], state: dict[str, Any], gradient: Tensor) -> Average | None:
    """Fit kept and added by least squares; none without a buffer, or if the fit is poor."""
    for key in BETA_KEYS:
        old, new = state_before.get(key), state.get(key)
        if not isinstance(old, Tensor) or not isinstance(new, Tensor) or old.shape != gradient.shape:
            continue
        a, b, y = (t.detach().double().flatten() for t in (old, gradient, new))
        matrix = torch.stack([a, b], 1)
        gram = matrix.mT @ matrix
        if float(torch.linalg.det(gram)) <= 1e-6 * float(gram[0, 0] * gram[1, 1]) or not float(y.norm()):
            continue
        kept, added = torch.linalg.solve(gram, matrix.mT @ y).tolist()
        if float((matrix @ torch.tensor([kept, added]).double() - y).norm()) < 0.02 * float(y.norm()):
            return Average(kept, added)
    return None
