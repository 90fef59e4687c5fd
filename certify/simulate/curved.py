"""Test functions with constants that were asked for: a convex one plus a quadratic bowl, or tilted by a linear one."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from certify.simulate.functions import UnsupportedOracle, brox_by_prox
from certify.simulate.functions._rows import as_column
from certify.simulate.functions.base import CONVEX, SMOOTH_STRONGLY_CONVEX, STRONGLY_CONVEX


class Curved:
    """f(x) = a·g(x) + (μ/2)‖x − x⋆‖² for a convex g with minimiser x⋆ and a ≥ 0, μ ≥ 0 of shape (B, 1).

    It is μ-strongly convex and, if g is ℓ-smooth, (aℓ + μ)-smooth, with the same minimiser.
    """

    def __init__(self, function: Any, factor: Tensor, curvature: Tensor) -> None:
        if "convex" not in function.satisfies:
            raise ValueError(f"{function.name} is not convex; a bowl would not make it so")
        self.function, self.factor, self.curvature = function, factor, curvature
        self.name: str = function.name
        smooth = "smooth" in function.satisfies
        bowls = SMOOTH_STRONGLY_CONVEX if smooth else STRONGLY_CONVEX
        self.satisfies = (bowls if bool((curvature > 0).all()) else CONVEX) | (function.satisfies & {"quadratic"})
        self.oracles = function.oracles
        self.constants = {"mu": curvature}
        if smooth:
            self.constants["L"] = factor * function.constants["L"] + curvature
        self.minimizer: Tensor = function.minimizer
        self.minimum = factor * function.minimum
        self.parameters = {**function.parameters, "factor": factor, "curvature": curvature}

    def value(self, x: Tensor) -> Tensor:
        """a g(x) + (μ/2)‖x − x⋆‖²."""
        bowl = (x - self.minimizer).square().sum(1, keepdim=True)
        return self.factor * self.function.value(x) + self.curvature / 2 * bowl

    def subgradient(self, x: Tensor) -> Tensor:
        """a g'(x) + μ(x − x⋆)."""
        return self.factor * self.function.subgradient(x) + self.curvature * (x - self.minimizer)

    def prox(self, x: Tensor, gamma: Tensor | float) -> Tensor:
        """prox of g with step γa/(1 + γμ) at (x + γμx⋆)/(1 + γμ)."""
        gamma = as_column(gamma, like=x, name="gamma")
        shrink = 1 + gamma * self.curvature
        centre = self.minimizer + (x - self.minimizer) / shrink
        step = gamma * self.factor / shrink
        flat = step == 0
        return torch.where(flat, centre, self.function.prox(centre, step.where(~flat, 1.0)))

    def brox(self, x: Tensor, t: Tensor | float) -> tuple[Tensor, Tensor]:
        """By a search over prox steps."""
        return brox_by_prox(self, x, t)

    def accepts_radius(self, t: Tensor | float) -> Tensor:
        """Every radius, as f is convex."""
        return as_column(t, like=self.minimizer, name="t") > 0

    def nearest_minimizer(self, x: Tensor) -> Tensor:
        """x⋆, the only one if μ > 0."""
        nearest = self.function.nearest_minimizer(x)
        return torch.where(self.curvature > 0, self.minimizer.expand_as(x), nearest)

    def take(self, rows: Tensor) -> Curved:
        """Some of the functions."""
        return Curved(self.function.take(rows), self.factor[rows], self.curvature[rows])

    def to(self, device: torch.device | str) -> Curved:
        """The same functions on another device."""
        return Curved(self.function.to(device), self.factor.to(device), self.curvature.to(device))


class Tilted:
    """f(x) = g(x) + ⟨c, x − x⋆⟩ for c (B, d): of the same class as g if that says nothing of minimisers.

    For sums of functions: x⋆ is the minimiser of the sum, `minimum` is that of nothing.
    """

    def __init__(self, function: Any, slope: Tensor) -> None:
        self.function, self.slope = function, slope
        self.name: str = function.name
        self.satisfies: frozenset[str] = function.satisfies - {"pl", "sharp-growth", "lipschitz-convex"}
        self.oracles = function.oracles - {"brox"}
        self.constants = {n: v for n, v in function.constants.items() if n in ("L", "mu")}
        self.minimizer: Tensor = function.minimizer
        self.minimum = torch.full_like(function.minimum, torch.nan)
        self.parameters = {**function.parameters, "slope": slope}

    def value(self, x: Tensor) -> Tensor:
        """g(x) + ⟨c, x − x⋆⟩."""
        return self.function.value(x) + (self.slope * (x - self.minimizer)).sum(1, keepdim=True)

    def subgradient(self, x: Tensor) -> Tensor:
        """g'(x) + c."""
        return self.function.subgradient(x) + self.slope

    def prox(self, x: Tensor, gamma: Tensor | float) -> Tensor:
        """prox_{γg}(x − γc)."""
        gamma = as_column(gamma, like=x, name="gamma")
        return self.function.prox(x - gamma * self.slope, gamma)

    def brox(self, x: Tensor, t: Tensor | float) -> tuple[Tensor, Tensor]:
        """Not here."""
        raise UnsupportedOracle("a tilted function has no ball-prox here")

    def accepts_radius(self, t: Tensor | float) -> Tensor:
        """None."""
        return torch.zeros_like(self.minimum, dtype=torch.bool)

    def take(self, rows: Tensor) -> Tilted:
        """Some of the functions."""
        return Tilted(self.function.take(rows), self.slope[rows])

    def to(self, device: torch.device | str) -> Tilted:
        """The same functions on another device."""
        return Tilted(self.function.to(device), self.slope.to(device))
