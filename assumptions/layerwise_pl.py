"""The Polyak–Łojasiewicz condition with the layers' dual norms, together with layer-wise smoothness."""

from __future__ import annotations

from certify.assumptions.layerwise_smooth import LayerwiseSmooth
from certify.language import Assumption, Evaluation, Inequality, NonNegative, Positive, SymbolicFunction, norm


class LayerwisePL(Assumption):
    """Σᵢ‖∇ᵢf(X)‖*² ≥ 2μ(f(X) − f⋆) at all iterates, and layer-wise smoothness along the trajectory.

    Source: Karimi, Nutini, Schmidt, ECML-PKDD 2016, with the norms of the layers.
    """

    name = "layerwise-pl"
    formula = (
        r"\sum_i \|\nabla_i f(X)\|_*^2 \ge 2\mu(f(X) - f^\star), \quad f(Y) \le f(X) + \sum_i"
        r" \langle\nabla_i f(X), Y_i - X_i\rangle + \tfrac12(L_{0,i} + L_{1,i}\|\nabla_i f(X)\|_*)\|Y_i - X_i\|^2"
    )
    implies = (LayerwiseSmooth,)
    differentiable = True
    interpolating = False
    notes = LayerwiseSmooth.notes
    L0 = Positive("L0", "smoothness of a layer where its gradient is small", each=True)
    L1 = NonNegative("L1", "smoothness of a layer per unit of its gradient", each=True)
    mu = Positive("mu", "Polyak–Łojasiewicz")

    def along(self, x: Evaluation, y: Evaluation, f: SymbolicFunction) -> Inequality:
        """The descent inequality."""
        return LayerwiseSmooth(L0=self.L0, L1=self.L1).along(x, y, f)

    def at(self, x: Evaluation, f: SymbolicFunction) -> Inequality:
        """The gradients dominate the gap."""
        return f.total(norm(x.gradient) ** 2) >= 2 * self.mu * (x.value - f.minimum)
