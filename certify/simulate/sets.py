"""Closed convex sets that contain 0, as indicator functions: projections, the point furthest along a slope, diameters.

Every set knows a direction in which nothing of it lies beyond 0, so that a function with the opposite slope there has
its minimum over the set at 0.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from certify.language import Assumption
from certify.simulate.functions import UnsupportedOracle
from certify.simulate.functions._random import normal, orthogonal, uniform
from certify.simulate.functions._rows import apply, apply_transposed

SETS = frozenset({"indicator", "bounded-indicator"})
"""The assumptions that speak of sets."""
TOLERANCE = 1e-9
"""How far beyond a face, relative to its place, rounding may lead."""


class BoxSet:
    """C = {x : a ≤ Qᵀx ≤ b} with a ≤ 0 ≤ b, bounds may be infinite: boxes, slabs, half-spaces, subspaces, segments.

    **Arguments**: `basis` Q (B, d, d) orthogonal; `lower` a and `upper` b, (B, d).
    """

    name = "box-set"
    oracles = frozenset({"value", "subgradient", "prox"})
    satisfies = frozenset({"convex", "indicator"})

    def __init__(self, *, basis: Tensor, lower: Tensor, upper: Tensor) -> None:
        self.parameters = {"basis": basis, "lower": lower, "upper": upper}
        self.minimizer = torch.zeros_like(lower)
        self.minimum = torch.zeros_like(lower[:, :1])
        self.constants: Mapping[str, Tensor] = {"D": (upper - lower).norm(dim=1, keepdim=True)}

    @property
    def normal(self) -> Tensor:
        """n ∈ N_C(0) of length 1, (B, d): an outward direction of the faces through 0; 0 if there is no such face."""
        p = self.parameters
        found = apply(
            p["basis"], (p["upper"] == 0).to(p["upper"]) - (p["lower"] == 0).to(p["upper"]) * (p["upper"] != 0)
        )
        return found / found.norm(dim=1, keepdim=True).clamp_min(1e-300)

    def value(self, x: Tensor) -> Tensor:
        """0 in C (up to rounding), ∞ elsewhere."""
        beyond = (self.prox(x, 1.0) - x).norm(dim=1, keepdim=True)
        return torch.where(beyond <= TOLERANCE * (1 + x.norm(dim=1, keepdim=True)), 0.0, torch.inf)

    def subgradient(self, x: Tensor) -> Tensor:
        """0 ∈ N_C(x)."""
        return torch.zeros_like(x)

    def prox(self, x: Tensor, gamma: Any) -> Tensor:
        """The projection onto C."""
        p = self.parameters
        return apply(p["basis"], apply_transposed(p["basis"], x).clamp(p["lower"], p["upper"]))

    def furthest(self, slope: Tensor) -> Tensor:
        """argmax {⟨slope, z⟩ : z ∈ C}, for a bounded set."""
        p = self.parameters
        if not bool((p["upper"] - p["lower"]).isfinite().all()):
            raise UnsupportedOracle("a set without bound has no point that is furthest along a slope")
        return apply(p["basis"], torch.where(apply_transposed(p["basis"], slope) > 0, p["upper"], p["lower"]))

    def brox(self, x: Tensor, t: Any) -> tuple[Tensor, Tensor]:
        """Not here."""
        raise UnsupportedOracle("an indicator function has no ball-prox here")

    def accepts_radius(self, t: Any) -> Tensor:
        """None."""
        return torch.zeros_like(self.minimum, dtype=torch.bool)

    def take(self, rows: Tensor) -> Any:
        """Some of the sets."""
        return type(self)(**{n: v[rows] for n, v in self.parameters.items()})

    def to(self, device: torch.device | str) -> Any:
        """The same sets on another device."""
        return type(self)(**{n: v.to(device) for n, v in self.parameters.items()})


class BallSet(BoxSet):
    """C = {x : ‖x − c‖ ≤ r} with ‖c‖ = r, so that 0 lies on the sphere, or c = 0.

    **Arguments**: `center` c (B, d), `radius` r (B, 1).
    """

    name = "ball-set"

    def __init__(self, *, center: Tensor, radius: Tensor) -> None:
        self.parameters = {"center": center, "radius": radius}
        self.minimizer, self.minimum = torch.zeros_like(center), torch.zeros_like(radius)
        self.constants = {"D": 2 * radius}

    @property
    def normal(self) -> Tensor:
        """−c/r, or 0 for c = 0."""
        center = self.parameters["center"]
        return -center / center.norm(dim=1, keepdim=True).clamp_min(1e-300)

    def prox(self, x: Tensor, gamma: Any) -> Tensor:
        """The projection onto C."""
        away = x - self.parameters["center"]
        size, radius = away.norm(dim=1, keepdim=True), self.parameters["radius"]
        return torch.where(size > radius, self.parameters["center"] + radius * away / size.clamp_min(1e-300), x)

    def furthest(self, slope: Tensor) -> Tensor:
        """c + r s/‖s‖."""
        way = slope / slope.norm(dim=1, keepdim=True).clamp_min(1e-300)
        return self.parameters["center"] + self.parameters["radius"] * way


def is_set(kinds: Sequence[type[Assumption]]) -> bool:
    """Whether a role is an indicator function."""
    return bool(kinds) and all(k.name in SETS for k in kinds)


def members(
    kinds: Sequence[type[Assumption]],
    constants: Mapping[str, Any],
    *,
    rows: int,
    dimension: int,
    generator: torch.Generator,
) -> Iterator[BoxSet]:
    """Balls and boxes, with just the diameter D if one is asked for; else half-spaces and subspaces too."""
    bounded = any(k.name == "bounded-indicator" for k in kinds)
    diameter = float(constants["D"]) if bounded else 2.0
    radius = torch.full((rows, 1), diameter / 2, dtype=torch.float64)
    if not bounded:
        radius = radius * 10 ** uniform(-1, 1, rows, 1, generator=generator)
    way = normal(rows, dimension, generator=generator)
    edge = (torch.arange(rows) % 2)[:, None]
    yield BallSet(center=edge * radius * way / way.norm(dim=1, keepdim=True), radius=radius)

    basis = orthogonal(rows, dimension, generator=generator)
    lower, upper = (uniform(0, 1, rows, dimension, generator=generator) for _ in range(2))
    face = uniform(0, 1, rows, dimension, generator=generator)
    lower, upper = torch.where(face < 0.2, 0.0, lower), torch.where(face > 0.8, 0.0, upper)
    upper[:, 0] = upper[:, 0].clamp_min(1e-3)
    scale = 2 * radius / (lower + upper).norm(dim=1, keepdim=True)
    yield BoxSet(basis=basis, lower=-scale * lower, upper=scale * upper)
    if not bounded:
        far = torch.full_like(lower, torch.inf)
        yield BoxSet(basis=basis, lower=-far, upper=torch.where(face < 0.4, 0.0, far))
        flat = torch.where((face < 0.5) & (torch.arange(dimension) > 0), 0.0, far)
        yield BoxSet(basis=basis, lower=-flat, upper=flat)
