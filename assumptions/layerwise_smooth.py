"""Layer-wise generalised smoothness, in the form that proofs use: the descent inequality along the trajectory."""

from __future__ import annotations

from certify.language import Assumption, Evaluation, Inequality, NonNegative, Positive, SymbolicFunction, inner, norm


class LayerwiseSmooth(Assumption):
    """f(Y) ≤ f(X) + Σᵢ [⟨∇ᵢf(X), Yᵢ − Xᵢ⟩ + ½(L0ᵢ + L1ᵢ‖∇ᵢf(X)‖*)‖Yᵢ − Xᵢ‖²] for consecutive iterates X, Y.

    Each layer i has a norm of its own, and ‖·‖* is its dual norm. This is what every proof about layer-wise methods
    needs of (L0, L1)-smoothness. The usual form, ‖∇ᵢf(X) − ∇ᵢf(Y)‖* ≤ (L0ᵢ + L1ᵢ‖∇ᵢf(X)‖*)‖Xᵢ − Yᵢ‖ for all X and Y, is
    not assumed: with two layers or more it says that f is a sum of functions of one layer each (take Xᵢ = Yᵢ), and with
    L0 = 0 that f is constant or unbounded below.

    Source: Riabinin, Shulgin, Gruntkowska, Richtárik, Gluon (2025), Assumption 1, restricted to the trajectory.
    """

    name = "layerwise-smooth"
    formula = (
        r"f(Y) \le f(X) + \sum_i \langle\nabla_i f(X), Y_i - X_i\rangle"
        r" + \tfrac12 \left(L_{0,i} + L_{1,i}\|\nabla_i f(X)\|_*\right)\|Y_i - X_i\|^2"
    )
    notes = (
        "assumed along the trajectory only: for all X and Y, two layers or more, ‖∇ᵢf(X) − ∇ᵢf(Y)‖* ≤"
        " (L0ᵢ + L1ᵢ‖∇ᵢf(X)‖*)‖Xᵢ − Yᵢ‖ would make f a sum of functions of one layer each",
        "L0 = 0 can hold along a trajectory only: for all points it makes f constant or unbounded below",
    )
    differentiable = True
    interpolating = False
    L0 = Positive("L0", "smoothness of a layer where its gradient is small", each=True)
    L1 = NonNegative("L1", "smoothness of a layer per unit of its gradient", each=True)

    def along(self, x: Evaluation, y: Evaluation, f: SymbolicFunction) -> Inequality:
        """The descent inequality from an iterate to the next."""
        g, d = x.gradient, y.point - x.point
        curvature = self.L0 + self.L1 * norm(g)
        return y.value <= x.value + f.total(inner(g, d) + curvature / 2 * norm(d) ** 2)
