"""Ball-convexity of a continuous function: what the broximal point method really needs instead of convexity."""

from __future__ import annotations

from certify.assumptions.ball_convex_lsc import BallConvexLsc
from certify.language import Assumption, BallProxCall, Evaluation, Inequality, SymbolicFunction, inner, sphere


class BallConvex(Assumption):
    """f(y) ≥ f(u) + c ⟨x − u, y − u⟩ for all x, y and u ∈ brox_t f(x), some c ≥ 0; f continuous.

    Every convex function is ball-convex for every radius t; ||y| − 1| is ball-convex for t ≥ 1 and not convex.
    Continuity makes the step length exactly t until a minimiser is reached; see `BallConvexLsc` for what is lost
    without it.

    Source: Gruntkowska, Li, Rane, Richtárik, The ball-proximal (= "broximal") point method (2025).
    """

    name = "ball-convex"
    formula = (
        r"f(y) \ge f(u) + c\,\langle x - u, y - u\rangle"
        r" \quad \forall x,\ u \in \mathrm{brox}_t f(x)\ \exists c \ge 0\ \forall y;\ f \text{ continuous}"
    )
    implies = (BallConvexLsc,)
    interpolating = False

    def ball_prox(self, call: BallProxCall, y: Evaluation) -> Inequality:
        """The supporting affine function at u, g = c (x − u)."""
        u = call.output
        return y.value >= u.value + inner(u.gradient, y.point - u.point)

    def ball_prox_step(self, call: BallProxCall, f: SymbolicFunction) -> None:
        """‖x − u‖ = t until u is a minimiser.

        Move x towards u; at the first place where the ball picks up lower values the inequality above at y = u
        forces c → 0, while at y = x⋆ it keeps c away from 0.
        """
        sphere(call, f)
