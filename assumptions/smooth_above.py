"""A quadratic upper bound on f from every point: the descent lemma as an assumption."""

from __future__ import annotations

from certify.language import Assumption, Evaluation, Inequality, Positive, inner, norm2


class SmoothAbove(Assumption):
    """f(y) ≤ f(x) + ⟨∇f(x), y − x⟩ + (L/2)‖x − y‖² for all x, y.

    All that descent needs of smoothness; f may bend down as sharply as it likes.
    """

    name = "smooth-above"
    formula = r"f(y) \le f(x) + \langle\nabla f(x), y - x\rangle + \tfrac{L}{2}\|y - x\|^2"
    differentiable = True
    interpolating = False
    L = Positive("L", "smoothness")

    def between(self, x: Evaluation, y: Evaluation) -> Inequality:
        """The upper bound at y."""
        d = y.point - x.point
        return y.value <= x.value + inner(x.gradient, d) + self.L / 2 * norm2(d)
