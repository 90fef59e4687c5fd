"""The upper error bound: gradients are small near a minimiser."""

from __future__ import annotations

from certify.language import Assumption, Evaluation, Inequality, Positive, SymbolicFunction, norm2


class ErrorBound(Assumption):
    """‖∇f(x)‖ ≤ L‖x − x⋆‖ for all x. Values of f stay free: worst cases are of points and gradients.

    Source: interpolation: Guille-Escuret, Ibrahim, Goujaud, Mitliagkas (2022), Theorem 1.
    """

    name = "eb"
    formula = r"\|\nabla f(x)\| \le L\,\|x - x^\star\|"
    differentiable = True
    valued = False
    L = Positive("L", "upper error bound")

    def at(self, x: Evaluation, f: SymbolicFunction) -> Inequality:
        """The inequality at x."""
        return norm2(x.gradient) <= self.L**2 * norm2(x.point - f.minimizer)
