"""Functions of the line as members of classes, those of layer-wise methods included, and their oracles."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from certify.simulate.exact import PiecewiseQuadratic
from certify.simulate.membership import MEMBERSHIP, Predicate
from certify.simulate.recorded import Recorded

KNOWN: Mapping[str, Predicate] = {
    **MEMBERSHIP,
    "smooth-above": lambda f, c, radii: f.is_smooth(c["L"]),
    "layerwise-smooth": lambda f, c, radii: f.is_smooth(c["L0"]),
    "layerwise-smooth-gradients": lambda f, c, radii: f.is_smooth(c["L0"]),
    "layerwise-lipschitz": lambda f, c, radii: f.is_smooth(c["L"]),
    "layerwise-dominated": lambda f, c, radii: f.is_pl(c["mu"]),
    "layerwise-pl": lambda f, c, radii: f.is_smooth(c["L0"]) and f.is_pl(c["mu"]),
}
"""What functions of the line satisfy, or what is more than an assumption asks for."""


SAMPLED = ("interpolation", "sampled-smooth-convex")
"""Noise that comes from functions f_i that are convex and L-smooth."""


def spread(function: PiecewiseQuadratic, smoothness: Fraction) -> Fraction:
    """The largest θ ≤ 1 for which (1 + θ)f is L-smooth; if f is convex (1 ± θ)f ± v x are two f_i, equally likely."""
    steepest = max(2 * abs(p.a) for p in function.pieces)
    return min(smoothness / steepest - 1, Fraction(1)) if steepest else Fraction(0)


def scaled(by: Fraction, shift: Fraction, gradient: Any) -> Any:
    """The gradient of a function that is scaled and tilted."""
    return by * gradient + shift


class Line(Recorded):
    """A function of the line, where the linear minimisation oracle of every norm is a sign."""

    samples = False
    """Whether stochastic gradients are those of (1 ± θ)f ± v x, of which proximal points are not known here."""

    def stochastic_prox(self, x: Any, step: Any) -> Any:
        """That of f ± v x."""
        if self.samples:
            raise ValueError("no proximal points of samples")
        return super().stochastic_prox(x, step)

    def lmo(self, g: Any, alpha: Any = 1, b: Any = 1) -> Any:
        """−sign(g), and 0 for g = 0; oracles of lower quality are allowed to be this one."""
        return Fraction((g < 0) - (g > 0))
