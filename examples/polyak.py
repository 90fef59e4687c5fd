"""A method of your own: the subgradient method with Polyak's step size, in one file.

Run it by path: ``certify examples/polyak.py``, or with your own assumption
``certify examples/polyak.py --assumption examples/sharp.py``.
"""

from __future__ import annotations

from typing import Any

from sharp import Sharp

from certify.assumptions.convex import Convex
from certify.language import DISTANCE, Contraction, Goal, Method, Monotone, norm, norm2, theorem


class PolyakStep(Method):
    """x⁺ = x − (f(x) − f⋆)/‖g‖² g, g ∈ ∂f(x)."""

    name = "polyak"
    title = "subgradient method with Polyak's step size"
    formula = r"x^+ = x - \frac{f(x) - f^\star}{\|g\|^2}\,g,\quad g \in \partial f(x)"
    source = "Polyak (1969)"

    def step(self, x: Any, f: Any) -> Any:
        """One step; it needs f⋆."""
        g = f.subgradient(x)
        return x - (f.value(x) - f.minimum) / norm(g) ** 2 * g

    @theorem(Convex, measure=DISTANCE, source="Polyak (1969)")
    def distance(self, f: Any, x: Any, y: Any) -> Goal:
        """‖x⁺ − x⋆‖ ≤ ‖x − x⋆‖ while x is not optimal."""
        return Monotone(
            before=norm2(x - f.minimizer),
            after=norm2(y - f.minimizer),
            given=(norm(f.subgradient(x)) > 0, f.value(x) > f.minimum),
        )

    @theorem(Sharp, measure=DISTANCE, source="Polyak (1969)")
    def distance_sharp(self, f: Any, x: Any, y: Any) -> Goal:
        """‖x⁺ − x⋆‖² ≤ (1 − s²/M²) ‖x − x⋆‖² if the minimum is sharp."""
        return Contraction(
            before=norm2(x - f.minimizer),
            after=norm2(y - f.minimizer),
            rate=1 - f.s**2 / f.M**2,
            given=(norm(f.subgradient(x)) > 0, f.value(x) > f.minimum),
        )
