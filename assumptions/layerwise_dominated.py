"""The Polyak–Łojasiewicz condition with the layers' dual norms."""

from __future__ import annotations

from certify.language import Assumption, Evaluation, Inequality, Positive, SymbolicFunction, norm


class LayerwiseDominated(Assumption):
    """Σᵢ‖∇ᵢf(X)‖*² ≥ 2μ(f(X) − f⋆) at all iterates.

    Source: Karimi, Nutini, Schmidt, ECML-PKDD 2016, with the norms of the layers.
    """

    name = "layerwise-dominated"
    formula = r"\sum_i \|\nabla_i f(X)\|_*^2 \ge 2\mu(f(X) - f^\star)"
    differentiable = True
    interpolating = False
    mu = Positive("mu", "Polyak–Łojasiewicz")

    def at(self, x: Evaluation, f: SymbolicFunction) -> Inequality:
        """The gradients dominate the gap."""
        return f.total(norm(x.gradient) ** 2) >= 2 * self.mu * (x.value - f.minimum)
