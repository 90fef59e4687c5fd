"""Convexity on a ball, compared with the least value in that ball."""

from __future__ import annotations

from certify.language import Assumption, Evaluation, Inequality, Positive, SymbolicFunction, inner, norm


class ConvexOnBall(Assumption):
    """f(x⋆) ≥ f(x) + Σᵢ⟨∇ᵢf(x), x⋆ᵢ − xᵢ⟩ where ‖xᵢ‖, ‖x⋆ᵢ‖ ≤ 1/λ in every layer, x⋆ the minimiser in that ball.

    A method that starts in the ball and takes averages with points of it stays there. The gradient at x⋆ need not be 0.

    Source: Jaggi, Revisiting Frank–Wolfe, ICML 2013.
    """

    name = "convex-on-ball"
    formula = (
        r"f(x^\star) \ge f(x) + \sum_i\langle\nabla_i f(x), x^\star_i - x_i\rangle,"
        r" \quad \|x_i\|, \|x^\star_i\| \le 1/\lambda"
    )
    differentiable = True
    interpolating = False
    notes = ("f⋆ is the least value in the ball ‖xᵢ‖ ≤ 1/λ, where the runs start; outside it f may be smaller",)
    decay = Positive("lambda", "weight decay: the ball has radius 1/λ")

    def at(self, x: Evaluation, f: SymbolicFunction) -> tuple[Inequality, ...]:
        """Convexity between x and x⋆, which both lie in the ball."""
        tangent = x.value + f.total(inner(x.gradient, f.minimizer - x.point))
        own, best = (self.decay * norm(z) for z in (x.point, f.minimizer))
        return f.minimum >= tangent, own <= 1, best <= 1
