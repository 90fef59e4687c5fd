"""Means of smooth functions, one for each worker, with a constant for all of them and a smaller one for the mean."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from certify.language import Assumption, Evaluation, Inequality, Positive, SymbolicFunction, inner, norm, norm2
from certify.language.workers import pairs


class SmoothWorkers(Assumption):
    """f = mean of f_i, ‖∇f_i(x) − ∇f_i(y)‖ ≤ L_max‖x − y‖ for all i, f(y) ≤ f(x) + ⟨∇f(x), y − x⟩ + (L/2)‖x − y‖².

    L_max is the largest smoothness of the f_i, L that of their mean: often much less. No f_i has to be convex.
    """

    name = "smooth-workers"
    formula = (
        r"f = \tfrac1n\sum_i f_i,\ \|\nabla f_i(x) - \nabla f_i(y)\| \le L_{\max}\|x - y\|,\ "
        r"f(y) \le f(x) + \langle\nabla f(x), y - x\rangle + \tfrac{L}{2}\|y - x\|^2"
    )
    notes = (
        "proved for any number n of workers in any norm, gradients measured in its dual norm",
        "hᵢ are the gradients of a worker's function at xᵢ, mᵢ what the worker holds; E is the mean over the workers",
    )
    subject = "workers"
    differentiable = True
    interpolating = False
    L = Positive("L", "smoothness of the mean")
    L_max = Positive("L_max", "smoothness of every f_i")

    def between(self, x: Evaluation, y: Evaluation) -> Inequality:
        """The upper bound of f at y."""
        d = y.point - x.point
        return y.value <= x.value + inner(x.gradient, d) + self.L / 2 * norm2(d)

    def each(self, points: Sequence[Evaluation], f: SymbolicFunction) -> Iterator[Inequality]:
        """How much the gradient of every worker changes."""
        for x, y in pairs(points):
            yield norm(x.gradient - y.gradient) <= self.L_max * norm(x.point - y.point)
