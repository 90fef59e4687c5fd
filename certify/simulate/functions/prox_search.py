"""The ball-prox of any convex function with a prox: find the γ whose prox step has length t.

‖x − prox_γ f(x)‖ is nondecreasing in γ and ‖x − prox_γ f(x)‖/γ is nonincreasing, so every trial
tightens a bracket; and (x − prox_γ f(x))/γ is a subgradient at the new point whatever γ is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import torch
from torch import Tensor

from certify.simulate.functions._rows import as_column, norm


class Proximable(Protocol):
    """What a convex function needs to offer."""

    def subgradient(self, x: Tensor) -> Tensor:
        """An element of ∂f(x)."""
        ...

    def prox(self, x: Tensor, gamma: Tensor | float) -> Tensor:
        """prox_{γf}(x)."""
        ...

    def nearest_minimizer(self, x: Tensor) -> Tensor:
        """The minimiser closest to x."""
        ...


_TOLERANCE = 4 * torch.finfo(torch.float64).eps
_MAX_TRIALS = 400
_SECANTS = 14
_LARGEST_RATIO = 2.0**400


def brox_by_prox(f: Proximable, x: Tensor, t: Tensor | float) -> tuple[Tensor, Tensor]:
    """The ball-prox u of a convex f and its certificate g, both (B, d).

    x − u is computed by subtraction and so known to about 1e-16 ‖x‖ only; a family that can give
    its prox step without cancellation calls `search_step` itself.
    """
    t = as_column(t, like=x, name="t")
    nearest = f.nearest_minimizer(x)
    reached = norm(x - nearest) <= t
    step, gamma = search_step(lambda gamma: x - f.prox(x, gamma), t, slope=norm(f.subgradient(x)), skip=reached)
    return torch.where(reached, nearest, x - step), torch.where(reached, 0.0, step / gamma)


def search_step(
    prox_step: Callable[[Tensor], Tensor], t: Tensor, *, slope: Tensor, skip: Tensor
) -> tuple[Tensor, Tensor]:
    """The prox step s = x − prox_γ f(x) (B, d) and its γ (B, 1) with ‖s‖ = t to about 1e-15.

    **Arguments**: `prox_step`, γ ↦ x − prox_γ f(x); `t` (B, 1) positive, less than the distance
    from x to the minimisers; `slope` (B, 1), the norm of a subgradient at x; `skip` (B, 1), the
    rows to leave alone.

    With φ(γ) = ‖x − prox_γ f(x)‖ and φ(γ*) = t: γ* ≥ t/slope, and for every γ the number γ t/φ(γ)
    lies between γ and γ*. 1/φ is a linear function of 1/γ for a multiple of ‖x‖²/2 and often nearly one, so that a
    few secants find most rows; bisection finds the others.
    """
    low = torch.where(skip, 1.0, t / torch.where(skip | (slope == 0), 1.0, slope))
    high = torch.full_like(low, torch.inf)
    ceiling = low * _LARGEST_RATIO
    growth, gamma = 2.0, low
    before = torch.full_like(low, torch.nan), torch.full_like(low, torch.nan)
    for trial in range(_MAX_TRIALS):
        length = norm(prox_step(gamma))
        bound = gamma * (t / torch.where(length > 0, length, t))
        short = length < t
        low = torch.where(short, torch.maximum(low, bound), low)
        high = torch.where(short, high, torch.minimum(high, bound))
        done = skip | ((length / t - 1).abs() <= _TOLERANCE) | (gamma >= ceiling)
        if bool((done | (high / low - 1 <= _TOLERANCE)).all()):
            break
        middle = low * (high / low).clamp_min(1.0).sqrt()
        guess = torch.where(high.isinf(), low * growth, middle)
        if trial < _SECANTS:
            now = 1 / gamma, 1 / length
            secant = 1 / (now[0] + (1 / t - now[1]) * (now[0] - before[0]) / (now[1] - before[1]))
            guess, before = torch.where((secant > low) & (secant < high), secant, guess), now
        gamma = torch.where(done, gamma, torch.minimum(guess, ceiling))
        growth = min(growth * growth, 2.0**64)
    gamma = torch.where(done | high.isinf(), gamma, torch.minimum(low, high))
    return prox_step(gamma), gamma
