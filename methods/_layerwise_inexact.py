"""Linear minimisation layer by layer with an oracle that attains only a part of the dual norm."""

from __future__ import annotations

from typing import Any

from certify.assumptions.layerwise_smooth import LayerwiseSmooth
from certify.language import Goal, Positive, SaturatingDecrease, Telescoping, norm, theorem
from certify.methods._layerwise import BY_RADIUS, LAYERS, SUM, LinearMinimisation


class Inexact(LinearMinimisation):
    """Xᵢ⁺ = Xᵢ + tᵢOᵢ with ⟨∇ᵢf(X), Oᵢ⟩ ≤ −α‖∇ᵢf(X)‖* and ‖Oᵢ‖ ≤ b."""

    formula = (
        r"X_i^+ = X_i + t_i O_i, \quad \langle\nabla_i f(X), O_i\rangle \le -\alpha\|\nabla_i f(X)\|_*,\ \|O_i\| \le b"
    )

    alpha = Positive("alpha", "part of the dual norm that the oracle attains")
    b = Positive("b", "bound on the norm of the oracle's directions")

    def direction(self, f: Any, g: Any) -> Any:
        """The inexact oracle."""
        return f.lmo(g, self.alpha, self.b)


class InexactAdaptive(Inexact):
    """Xᵢ⁺ = Xᵢ + tᵢOᵢ with ⟨∇ᵢf(X), Oᵢ⟩ ≤ −α‖∇ᵢf(X)‖*, ‖Oᵢ‖ ≤ b and tᵢ = α‖∇ᵢf(X)‖*/(b²(L0ᵢ + L1ᵢ‖∇ᵢf(X)‖*))."""

    formula = (
        Inexact.formula + r", \quad t_i = \frac{\alpha\|\nabla_i f(X)\|_*}{b^2(L_{0,i} + L_{1,i}\|\nabla_i f(X)\|_*)}"
    )

    L0 = Positive("L0", "smoothness of a layer where its gradient is small", each=True)
    L1 = Positive("L1", "smoothness of a layer per unit of its gradient", each=True)

    def radius(self, r: Any) -> Any:
        """αrᵢ/(b²(L0ᵢ + L1ᵢrᵢ))."""
        return self.alpha * r / (self.b**2 * (self.L0 + self.L1 * r))

    @theorem(LayerwiseSmooth, measure=SUM, norms=LAYERS)
    def inexact(self, f: Any, x: Any, y: Any) -> Goal:
        """With ⟨Gᵢ, Oᵢ⟩ ≤ −α‖Gᵢ‖* and ‖Oᵢ‖ ≤ b, radii αrᵢ/(b²(L0ᵢ + L1ᵢrᵢ)) need b²/α² times as many steps."""
        return SaturatingDecrease(
            before=f.value(x) - f.minimum,
            after=f.value(y) - f.minimum,
            quantity=f.total(norm(f.gradient(x))),
            offset=f.total(f.L0),
            slope=f.largest(f.L1),
            weight=self.alpha**2 / (2 * self.b**2),
        )


class InexactFixed(Inexact):
    """Xᵢ⁺ = Xᵢ + tᵢOᵢ with ⟨∇ᵢf(X), Oᵢ⟩ ≤ −α‖∇ᵢf(X)‖*, ‖Oᵢ‖ ≤ b and constant radii tᵢ."""

    t = Positive("t", "radius of a layer's ball", each=True)

    def radius(self, r: Any) -> Any:
        """tᵢ."""
        return self.t

    @theorem(LayerwiseSmooth, measure=BY_RADIUS, norms=LAYERS)
    def inexact_fixed(self, f: Any, x: Any, y: Any) -> Goal:
        """With ⟨Gᵢ, Oᵢ⟩ ≤ −α‖Gᵢ‖*, ‖Oᵢ‖ ≤ b, tᵢ ≤ α/(b²L1ᵢ) the least Σᵢ tᵢ‖∇ᵢf(X)‖* ≤ (2Δ₀/N + b²ΣL0ᵢtᵢ²)/α."""
        t = self.t
        return Telescoping(
            quantities=(f.total(t * norm(f.gradient(x))),),
            weights=(self.alpha / 2,),
            before=f.value(x) - f.minimum,
            after=f.value(y) - f.minimum,
            error=self.b**2 * f.total(f.L0 * t**2) / 2,
            given=(self.b**2 * t * f.L1 <= self.alpha,),
        )
