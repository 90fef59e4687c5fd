"""Oracles beyond those that every function has: inexact ones, searches, linear minimisation, Bregman steps.

Each supposes in the model what defines its answer, and returns the answer. What cannot be said exactly is relaxed, and
the model notes why.
"""

from __future__ import annotations

from certify.language import inner
from certify.pep.modelling.expressions import Expression, Point
from certify.pep.modelling.model import Model
from certify.pep.modelling.rationals import Number, rational
from certify.pep.modelling.searches import (
    InexactProx,
    epsilon_subgradient,
    inexact_gradient,
    inexact_prox,
    polyak_gradient,
    span_search,
)
from certify.pep.modelling.sums import Calculus, Sum

__all__ = [
    "InexactProx", "bregman_distance", "bregman_gradient", "bregman_prox", "bregman_step", "epsilon_subgradient",
    "inexact_gradient", "inexact_prox", "linear_minimisation", "polyak_gradient", "projection", "relatively_smooth",
    "span_search",
]  # fmt: skip

# -- sets --------------------------------------------------------------------------------------------------


def projection(indicator: Calculus, x: Point) -> Point:
    """The point of C nearest to x, for the indicator of C."""
    return indicator.prox(x, 1)


def linear_minimisation(indicator: Calculus, slope: Point) -> Point:
    """Some u ∈ argmin {⟨slope, z⟩ : z ∈ C}, for the indicator of C: −slope ∈ N_C(u) (Frank, Wolfe, 1956)."""
    return indicator.shifted_minimizer(-slope)


# -- Bregman steps -------------------------------------------------------------------------------------------


def bregman_distance(h: Calculus, x: Point, y: Point) -> Expression:
    """D_h(x, y) = h(x) − h(y) − ⟨∇h(y), x − y⟩."""
    return h(x) - h(y) - inner(h.gradient(y), x - y)


def bregman_step(h: Calculus, x: Point, move: Point) -> Point:
    """The mirror step u with ∇h(u) = ∇h(x) − move: argmin ⟨move, z⟩ + D_h(z, x)."""
    return h.shifted_minimizer(h.gradient(x) - move)


def bregman_gradient(f: Calculus, h: Calculus, x: Point, step: Number) -> Point:
    """u with ∇h(u) = ∇h(x) − γ∇f(x): argmin ⟨∇f(x), z⟩ + D_h(z, x)/γ."""
    return bregman_step(h, x, f.gradient(x) * rational(step))


def bregman_prox(f: Calculus, h: Calculus, x: Point, step: Number) -> Point:
    """u with ∇h(u) = ∇h(x) − γg, g ∈ ∂f(u): argmin f(z) + D_h(z, x)/γ."""
    if not f.convex:
        f.model.relax(f"that a Bregman proximal point of {f.name} minimises is relaxed: it is stationary")
    slope = h.gradient(x)
    u = f.model.point(space=f.space)
    g = f.subgradient(u)
    h.impose(u, slope - g * rational(step))
    return u


def relatively_smooth(
    model: Model, L: Number, *, convex: bool = True, names: tuple[str, str] = ("f", "h")
) -> tuple[Calculus, Sum]:
    """Functions f and h, h convex, with L·h − f convex: f is L-smooth relative to h.

    Not only `convex`, f is convex too; else it is only L·h + f that is convex. Sums of two convex functions:
    h = (f + d)/L with d = L·h − f, or f = (p − d)/2 and h = (p + d)/(2L) with p = L·h + f.

    Source: Bauschke, Bolte, Teboulle, Math. Oper. Res. 42 (2017); Dragomir, Taylor, d'Aspremont, Bolte, Math. Program.
    194 (2022).
    """
    from certify.assumptions.convex import Convex

    constant = rational(L)
    if constant <= 0:
        raise ValueError(f"relative smoothness needs a positive L, not {constant}")
    f, h = names
    d = model.function(Convex(), name=f"{L}·{h}-{f}")
    if convex:
        own = model.function(Convex(), name=f)
        return own, (own + d) / constant
    p = model.function(Convex(), name=f"{L}·{h}+{f}")
    return (p - d) / 2, (p + d) / (2 * constant)
