"""Noise that satisfies an assumption by construction, with two outcomes, so that means are exact.

A step of a stochastic method is taken twice from each point, once for each outcome of
g = (1 ± θ)∇f(x) + b ± v, and theorems are compared with the mean of both.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import torch
from torch import Tensor

from certify.assumptions.smooth_convex import SmoothConvex
from certify.assumptions.smooth_strongly_convex import SmoothStronglyConvex
from certify.assumptions.strongly_convex import StronglyConvex
from certify.language import Assumption

Constants = Mapping[str, Tensor]
OUTCOMES = (1.0, -1.0)


@dataclass(frozen=True)
class Noise:
    """θ (B, 1), b and v (B, d) at one point, where they can be had (B, 1), and the outcome that is looked at."""

    spread: Tensor
    bias: Tensor
    shift: Tensor
    possible: Tensor
    outcome: float = 1.0

    def at(self, outcome: float) -> Noise:
        """The same noise with this outcome."""
        return replace(self, outcome=outcome)

    def applied(self, gradient: Tensor) -> Tensor:
        """The stochastic gradient."""
        return (1 + self.outcome * self.spread) * gradient + self.bias + self.outcome * self.shift


def is_noise(assumption: type[Assumption]) -> bool:
    """Whether an assumption is about noise, not about f."""
    return assumption.subject == "noise"


def of_functions(assumptions: Sequence[type[Assumption]]) -> tuple[type[Assumption], ...]:
    """What is assumed of f: assumptions on all f_i that imply something for their mean say that instead."""
    own = tuple(a for a in assumptions if not is_noise(a))
    implied = dict.fromkeys(_IMPLIED[a.name] for a in assumptions if a.name in _IMPLIED)
    return (*own, *(a for a in implied if a not in own))


def drawn(
    assumption: type[Assumption],
    gradient: Tensor,
    constants: Constants,
    own: Constants,
    generator: torch.Generator,
) -> Noise:
    """Random noise of this kind at points with these gradients; `own` are the constants of f itself."""
    if assumption.name not in _KINDS:
        raise KeyError(assumption.name)
    rows = gradient.shape[0]
    free = torch.randn(gradient.shape, dtype=gradient.dtype, device=gradient.device, generator=generator)
    along = torch.rand((rows, 1), dtype=gradient.dtype, device=gradient.device, generator=generator) < 0.4
    direction = torch.where(along & (gradient != 0).any(-1, keepdim=True), gradient, free)
    direction = direction / direction.norm(dim=1, keepdim=True).clamp_min(1e-300)
    part = torch.rand((rows, 1), dtype=gradient.dtype, device=gradient.device, generator=generator)
    part = torch.where(part < 0.5, 2 * part, torch.ones_like(part))
    return _KINDS[assumption.name](gradient, direction, part, constants, own)


def random_noise(
    assumption: type[Assumption], function: Any, constants: Mapping[str, Any], generator: torch.Generator
) -> Callable[[Tensor], tuple[Tensor, Tensor]]:
    """From gradients (B, d) to stochastic ones, and where (B, 1) there are any: one of two outcomes, anew each time."""
    own = function.constants

    def sample(gradient: Tensor) -> tuple[Tensor, Tensor]:
        like = gradient[:, :1]
        columns = {
            n: torch.as_tensor(float(v) if isinstance(v, Fraction) else v).to(like) for n, v in constants.items()
        }
        noise = drawn(assumption, gradient, columns, own, generator)
        first = torch.rand(like.shape, device=like.device, generator=generator) < 0.5
        one, other = (noise.at(outcome).applied(gradient) for outcome in OUTCOMES)
        return torch.where(first, one, other), noise.possible

    return sample


def on_the_line(assumption: type[Assumption], gradient: Fraction, constants: Mapping[str, Fraction]) -> Fraction:
    """v ≥ 0 such that g = ∇f(x) ± v, either with probability ½, satisfies the assumption; exact.

    Raises ValueError where there is none.
    """
    if assumption.name not in _KINDS:
        raise ValueError(f"no noise is known for {assumption.name}")
    if "sigma" not in constants and assumption.name != "interpolation":
        raise ValueError(f"the noise of {assumption.name} need not be rational")
    if assumption.name == "second-moment" and gradient**2 > constants["sigma"] ** 2:
        raise ValueError("the second moment is not less than the squared gradient")
    return Fraction(0) if assumption.name in ("second-moment", "interpolation") else Fraction(constants["sigma"])


def _second_moment(g: Tensor, direction: Tensor, part: Tensor, constants: Constants, own: Constants) -> Noise:
    left = constants["sigma"] ** 2 - (g * g).sum(-1, keepdim=True)
    size = part * left.clamp_min(0).sqrt()
    return Noise(torch.zeros_like(part), torch.zeros_like(g), size * direction, left >= 0)


def _variance(g: Tensor, direction: Tensor, part: Tensor, constants: Constants, own: Constants) -> Noise:
    size = part * constants["sigma"]
    return Noise(torch.zeros_like(part), torch.zeros_like(g), size * direction, torch.ones_like(part) > 0)


def _bounded(g: Tensor, direction: Tensor, part: Tensor, constants: Constants, own: Constants) -> Noise:
    """|gᵢ ± vᵢ| ≤ M in every coordinate; in half of the rows the bound is attained in all of them."""
    left = constants["M"] - g.abs()
    sign = torch.where(direction < 0, -1.0, 1.0)
    share = torch.where(part < 1, part * direction.abs(), torch.ones_like(g))
    # M − |g| is rounded: a little less keeps |g ± v| ≤ M in floating point too
    size = (left.clamp_min(0) * share - 1e-15 * constants["M"]).clamp_min(0)
    return Noise(torch.zeros_like(part), torch.zeros_like(g), sign * size, (left >= 0).all(-1, keepdim=True))


def _error(g: Tensor, direction: Tensor, part: Tensor, constants: Constants, own: Constants) -> Noise:
    bias = part * constants["sigma"] * direction
    shift = (1 - part**2).clamp_min(0).sqrt() * constants["sigma"] * direction
    return Noise(torch.zeros_like(part), bias, shift, torch.ones_like(part) > 0)


def _batch(g: Tensor, direction: Tensor, part: Tensor, constants: Constants, own: Constants) -> Noise:
    n, b, S = (constants[name] for name in ("n", "b", "S"))
    return _variance(g, direction, part, {"sigma": ((1 - b / n) / b).clamp_min(0).sqrt() * S}, own)


def _spread(constants: Constants, own: Constants, part: Tensor) -> Tensor:
    """θ so that (1 + θ) f still is as smooth as the f_i may be."""
    return torch.zeros_like(part) if "L" not in own else part * (constants["L"] / own["L"] - 1).clamp(0, 1)


def _sampled(g: Tensor, direction: Tensor, part: Tensor, constants: Constants, own: Constants) -> Noise:
    shift = part * constants["sigma"] * direction
    return Noise(_spread(constants, own, part), torch.zeros_like(g), shift, torch.ones_like(part) > 0)


def _interpolation(g: Tensor, direction: Tensor, part: Tensor, constants: Constants, own: Constants) -> Noise:
    return Noise(_spread(constants, own, part), torch.zeros_like(g), torch.zeros_like(g), torch.ones_like(part) > 0)


def _strongly(g: Tensor, direction: Tensor, part: Tensor, constants: Constants, own: Constants) -> Noise:
    """(1 − θ) f must be as convex as the f_i are."""
    spread = torch.minimum(_spread(constants, own, part), part * (1 - constants["mu"] / own["mu"]).clamp(0, 1))
    return replace(_sampled(g, direction, part, constants, own), spread=spread)


def _expected(g: Tensor, direction: Tensor, part: Tensor, constants: Constants, own: Constants) -> Noise:
    """(1 + θ²)‖∇f(x)‖² is what the gradients move by in the mean."""
    spread = part * (constants["L"] / own["L"] - 1).clamp_min(0).sqrt()
    return replace(_sampled(g, direction, part, constants, own), spread=spread)


def is_known(assumption: type[Assumption]) -> bool:
    """Whether noise of this kind can be made."""
    return assumption.name in _KINDS


Kind = Callable[[Tensor, Tensor, Tensor, Constants, Constants], Noise]
_KINDS: dict[str, Kind] = {
    "second-moment": _second_moment,
    "variance": _variance,
    "gradient-error": _error,
    "bounded-samples": _bounded,
    "without-replacement": _batch,
    "sampled-smooth-convex": _sampled,
    "interpolation": _interpolation,
    "sampled-smooth-strongly-convex": _strongly,
    "expected-smoothness": _expected,
    "sampled-strongly-convex": _variance,  # f ± ⟨v, ·⟩ is as convex as f
}
_IMPLIED: dict[str, type[Assumption]] = {
    "sampled-smooth-convex": SmoothConvex,
    "interpolation": SmoothConvex,
    "sampled-smooth-strongly-convex": SmoothStronglyConvex,
    "expected-smoothness": SmoothConvex,
    "sampled-strongly-convex": StronglyConvex,
}
"""What runs take for f where something is assumed of all f_i, or of f by way of them."""
