"""Layer-wise smoothness with constants: the descent inequality, each layer in its own norm."""

from __future__ import annotations

from certify.language import Assumption, Evaluation, Inequality, Positive, SymbolicFunction, inner, norm


class LayerwiseLipschitz(Assumption):
    """f(Y) ≤ f(X) + Σᵢ [⟨∇ᵢf(X), Yᵢ − Xᵢ⟩ + ½Lᵢ‖Yᵢ − Xᵢ‖²] for consecutive iterates X, Y.

    Each layer i has a norm of its own, and Lᵢ is meant in that norm: one for the Euclidean norm is none for ℓ∞.

    Source: `LayerwiseSmooth` with L1 = 0.
    """

    name = "layerwise-lipschitz"
    formula = r"f(Y) \le f(X) + \sum_i \langle\nabla_i f(X), Y_i - X_i\rangle + \tfrac12 L_i\|Y_i - X_i\|^2"
    differentiable = True
    interpolating = False
    L = Positive("L", "smoothness of a layer", each=True)

    def along(self, x: Evaluation, y: Evaluation, f: SymbolicFunction) -> Inequality:
        """The descent inequality from an iterate to the next."""
        g, d = x.gradient, y.point - x.point
        return y.value <= x.value + f.total(inner(g, d) + self.L / 2 * norm(d) ** 2)
