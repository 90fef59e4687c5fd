"""The restricted secant inequality: negative gradients point towards a minimiser."""

from __future__ import annotations

from certify.language import Assumption, Evaluation, Inequality, Positive, SymbolicFunction, inner, norm2


class RSI(Assumption):
    """⟨∇f(x), x − x⋆⟩ ≥ μ‖x − x⋆‖² for all x. Values of f stay free: worst cases are of points and gradients.

    Source: Zhang, Yin (2013); interpolation: Guille-Escuret, Ibrahim, Goujaud, Mitliagkas (2022), Theorem 1.
    """

    name = "rsi"
    formula = r"\langle\nabla f(x), x - x^\star\rangle \ge \mu\|x - x^\star\|^2"
    differentiable = True
    valued = False
    mu = Positive("mu", "restricted secant inequality")

    def at(self, x: Evaluation, f: SymbolicFunction) -> Inequality:
        """The inequality at x."""
        d = x.point - f.minimizer
        return inner(x.gradient, d) >= self.mu * norm2(d)
