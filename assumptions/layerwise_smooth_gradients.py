"""Layer-wise generalised smoothness for methods with momentum: of the values and of the gradients."""

from __future__ import annotations

from certify.assumptions.layerwise_smooth import LayerwiseSmooth
from certify.language import Assumption, Evaluation, Inequality, NonNegative, Positive, SymbolicFunction, norm


class LayerwiseSmoothGradients(Assumption):
    """Layer-wise smoothness, and ‖∇ᵢf(X) − ∇ᵢf(Y)‖* ≤ (L0ᵢ + L1ᵢ‖∇ᵢf(X)‖*)‖Yᵢ − Xᵢ‖ for consecutive iterates X, Y.

    Source: Riabinin, Shulgin, Gruntkowska, Richtárik, Gluon (2025), Assumption 1, restricted to the trajectory.
    """

    name = "layerwise-smooth-gradients"
    formula = (
        r"\|\nabla_i f(X) - \nabla_i f(Y)\|_* \le (L_{0,i} + L_{1,i}\|\nabla_i f(X)\|_*)\|Y_i - X_i\|, \quad"
        r" f(Y) \le f(X) + \sum_i \langle\nabla_i f(X), Y_i - X_i\rangle"
        r" + \tfrac12 (L_{0,i} + L_{1,i}\|\nabla_i f(X)\|_*)\|Y_i - X_i\|^2"
    )
    implies = (LayerwiseSmooth,)
    differentiable = True
    interpolating = False
    notes = LayerwiseSmooth.notes
    L0 = Positive("L0", "smoothness of a layer where its gradient is small", each=True)
    L1 = NonNegative("L1", "smoothness of a layer per unit of its gradient", each=True)

    def along(self, x: Evaluation, y: Evaluation, f: SymbolicFunction) -> tuple[Inequality, Inequality]:
        """The descent inequality, and how much the gradient of a layer changes."""
        descent = LayerwiseSmooth(L0=self.L0, L1=self.L1).along(x, y, f)
        change, length = norm(x.gradient - y.gradient), norm(y.point - x.point)
        return descent, change <= (self.L0 + self.L1 * norm(x.gradient)) * length
