"""Growth at the radius of the balls: how high above the minimum f is where the next ball just reaches a minimiser."""

from __future__ import annotations

from certify.language import Assumption, BallProxCall, Positive, SymbolicFunction, norm


class GrowthAtRadius(Assumption):
    """f(x) ≥ f⋆ + ν‖x − x⋆‖/t wherever ‖x − x⋆‖ ≥ t, the radius of the method's balls.

    For convex f it is enough that f ≥ f⋆ + ν on the sphere ‖x − x⋆‖ = t, so that some ν > 0 is there whenever x⋆ is
    the only minimiser. In a space with only a norm, distances are meant in that norm.

    Source: the definition; it says nothing of points closer to x⋆, and is not known to interpolate.
    """

    name = "growth-at-radius"
    formula = r"f(x) \ge f^\star + \frac{\nu}{t}\|x - x^\star\| \quad \forall x:\ \|x - x^\star\| \ge t"
    interpolating = False
    nu = Positive("nu", "least gap at the distance t from the minimiser")

    def ball_prox_step(self, call: BallProxCall, f: SymbolicFunction) -> None:
        """A ball whose best point is no minimiser contains none: ‖x − x⋆‖ > t, where f has grown."""
        label, x = f.at(call.center).label, call.center
        distance = norm(x - f.minimizer)
        note = f"the ball around x{label} contains no minimiser: its best point would be one"
        f.trace.assume(distance - call.radius, strict=True, name=f"outside[{label}]", note=note)
        f.trace.assume(distance, strict=True, name=f"away[{label}]", note=f"x{label} is no minimiser")
        growth = call.radius * (f.value(x) - f.minimum) >= self.nu * distance
        f.trace.suppose(growth, name=f"{self.name}[{label}]", note=f"{self.name} at x{label}")
