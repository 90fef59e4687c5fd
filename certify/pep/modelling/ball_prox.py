"""The ball-proximal step u = argmin{f(z) : ‖z − x‖ ≤ t}, whose optimality condition is not linear in a Gram matrix.

Off the minimisers u lies on the sphere, ‖x − u‖ = t, and the gradient points outwards: g = c (x − u) ∈ ∂f(u) for some
multiplier c > 0 that depends on the function. For a given number c all of this is linear, hence exact. For unknown c it
is relaxed to ‖x − u‖ = t, ⟨g, x − u⟩ ≥ 0 and, as g/c is a subgradient of f/c, ⟨x − u, x⋆ − u⟩ ≤ 0.

Source: Gruntkowska, Li, Rane, Richtárik, The ball-proximal (= "broximal") point method (2025).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from certify.language import norm2
from certify.pep.modelling.expressions import Point, equal
from certify.pep.modelling.rationals import Number, rational

if TYPE_CHECKING:
    from certify.pep.modelling.functions import Function


def ball_prox(f: Function, x: Point, radius: Number, multiplier: Number | None = None) -> Point:
    """brox_t f(x), with everything about it supposed in the model."""
    model, t = f.model, rational(radius)
    if t <= 0:
        raise ValueError(f"the radius of a ball-prox must be positive, not {t}")
    if not f.convex:
        raise ValueError(
            f"the ball-prox of {f.name} is not known to lie on the sphere: {f.name} is not known to be convex"
        )
    g = f.fresh_gradient()
    if multiplier is not None:
        c = rational(multiplier)
        if c <= 0:
            raise ValueError(f"the multiplier of a ball-prox must be positive, not {c}")
        point = x - g / c
        label = f.known(point, None, g).label
        model.suppose(equal(norm2(x - point), t * t), name=f"{f.name}:sphere[{label}]")
        return point
    point = model.point(space=f.space)
    label = f.known(point, None, g).label
    step = x - point
    model.suppose(equal(norm2(step), t * t), name=f"{f.name}:sphere[{label}]")
    model.suppose(step @ g >= 0, name=f"{f.name}:outwards[{label}]")
    model.suppose(step @ (f.minimizer - point) <= 0, name=f"{f.name}:halfspace[{label}]")
    model.relax(f"that the gradient of {f.name} at a ball-prox is parallel to the step is relaxed")
    return point
