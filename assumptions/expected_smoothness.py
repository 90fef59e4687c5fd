"""Expected smoothness: what sampling does to the gradients is bounded by the gap, in the mean only."""

from __future__ import annotations

from typing import Any

from certify.language import Assumption, Draw, Positive, SymbolicFunction, norm2


class ExpectedSmoothness(Assumption):
    """E‖∇f_i(x) − ∇f_i(x⋆)‖² ≤ 2L(f(x) − f⋆) and E‖∇f_i(x⋆)‖² ≤ σ², where f = E f_i and g = ∇f_i(x).

    Nothing is asked of a single f_i; L depends on how i is drawn (mini-batches, importance) and may be far below the
    largest smoothness. E‖g‖² ≤ 4L(f(x) − f⋆) + 2σ² follows.
    Source: Gower, Loizou, Qian, Sailanbayev, Shulgin, Richtárik, ICML 2019, Assumption 2.1.
    """

    name = "expected-smoothness"
    formula = (
        r"\mathbb{E}\|\nabla f_i(x) - \nabla f_i(x^\star)\|^2 \le 2L\,(f(x) - f^\star),\ "
        r"\mathbb{E}\|\nabla f_i(x^\star)\|^2 \le \sigma^2"
    )
    subject = "noise"
    L = Positive("L", "expected smoothness")
    sigma = Positive("sigma", "noise at the minimiser")

    def drawn(self, draw: Draw, f: SymbolicFunction) -> tuple[Any, ...]:
        """How far ∇f_i moves from its value at x⋆ in the mean, and the noise at x⋆."""
        x, star = draw.at(draw.point.point), draw.at(f.minimizer)
        moved = f.mean(norm2(x.gradient - star.gradient)) <= 2 * self.L * (f.value(x.point) - f.minimum)
        return moved, f.mean(norm2(star.gradient)) <= self.sigma**2
