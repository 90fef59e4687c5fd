"""The restricted secant inequality together with the upper error bound."""

from __future__ import annotations

from collections.abc import Iterator

from certify.assumptions.eb import ErrorBound
from certify.assumptions.rsi import RSI
from certify.language import Assumption, Evaluation, Inequality, Positive, SymbolicFunction


class RSIEB(Assumption):
    """⟨∇f(x), x − x⋆⟩ ≥ μ‖x − x⋆‖² and ‖∇f(x)‖ ≤ L‖x − x⋆‖ for all x, μ ≤ L. Values of f stay free.

    Source: Guille-Escuret, Ibrahim, Goujaud, Mitliagkas, Gradient descent is optimal under lower restricted secant
    inequality and upper error bound (2022), Theorem 1: these conditions at each point interpolate points and gradients.
    """

    name = "rsi-eb"
    formula = (
        r"\langle\nabla f(x), x - x^\star\rangle \ge \mu\|x - x^\star\|^2,"
        r" \quad \|\nabla f(x)\| \le L\,\|x - x^\star\|"
    )
    implies = (RSI, ErrorBound)
    differentiable = True
    valued = False
    L = Positive("L", "upper error bound")
    mu = Positive("mu", "restricted secant inequality")

    def domain(self) -> Iterator[Inequality]:
        """μ < L."""
        yield self.mu <= self.L

    def at(self, x: Evaluation, f: SymbolicFunction) -> tuple[Inequality, Inequality]:
        """Both inequalities at x."""
        return RSI(mu=self.mu).at(x, f), ErrorBound(L=self.L).at(x, f)
