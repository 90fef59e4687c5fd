"""Ball-convexity without continuity: steps may be shorter than the radius, and the distance law fails."""

from __future__ import annotations

from certify.language import Assumption, BallProxCall, Evaluation, Inequality, SymbolicFunction, inner, norm2


class BallConvexLsc(Assumption):
    """f(y) ≥ f(u) + c ⟨x − u, y − u⟩ for all x, y and u ∈ brox_t f(x), some c ≥ 0; f lower semicontinuous.

    Source: the definition of ball-convexity with continuity left out.
    """

    name = "ball-convex-lsc"
    formula = (
        r"f(y) \ge f(u) + c\,\langle x - u, y - u\rangle"
        r" \quad \forall x,\ u \in \mathrm{brox}_t f(x)\ \exists c \ge 0\ \forall y"
    )
    interpolating = False

    def ball_prox(self, call: BallProxCall, y: Evaluation) -> Inequality:
        """The supporting affine function at u, g = c (x − u)."""
        u = call.output
        return y.value >= u.value + inner(u.gradient, y.point - u.point)

    def ball_prox_step(self, call: BallProxCall, f: SymbolicFunction) -> None:
        """Only 0 < ‖x − u‖ ≤ t is known (u = x would give f(y) ≥ f(u) for all y: a minimiser)."""
        length = norm2(call.center - call.output.point)
        label = call.output.label
        f.trace.assume(
            length, strict=True, name=f"moved[{label}]", note=f"x{label} is not yet a minimiser, so the step is not 0"
        )
        f.trace.suppose(call.radius**2 >= length, name=f"ball[{label}]", note="the step stays in the ball")
