"""FRUGAL: layers with memory for an optimiser take gradient steps, the others sign steps."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from certify.assumptions.layerwise_lipschitz import LayerwiseLipschitz
from certify.language import Conjecture, Goal, Measure, NonNegative, Telescoping, norm, theorem
from certify.methods._layerwise import LAYERS, LinearMinimisation

HALF = Fraction(1, 2)
SPLIT = Measure(
    "split-gradients",
    "Σᵢ (½γᵢ‖∇ᵢf({x})‖*² + (1 − γᵢLᵢ)tᵢ‖∇ᵢf({x})‖*)",
    r"\sum_i \tfrac12\gamma_i\|\nabla_i f({x})\|_*^2 + (1 - \gamma_i L_i) t_i\|\nabla_i f({x})\|_*",
    lambda f, points: (f.total(_gain(f, norm(f.gradient(x)))) for x in points),
)


def _gain(f: Any, r: Any) -> Any:
    γ, t = f.method.gamma, f.method.t
    return γ * r**2 / 2 + (1 - γ * f.L) * t * r


class Frugal(LinearMinimisation):
    """xᵢ⁺ = xᵢ − γᵢ∇ᵢf(x) in some layers, with ℓ2, and xᵢ⁺ = xᵢ − tᵢ sign ∇ᵢf(x) in the others, with ℓ∞: Gluon with
    radii γᵢ‖∇ᵢf(x)‖* + tᵢ, where γᵢ = 0 or tᵢ = 0."""

    name = "frugal"
    title = "FRUGAL without momentum, for a fixed split"
    formula = r"x_i^+ = x_i - \gamma_i\nabla_i f(x) \;\text{ or }\; x_i^+ = x_i - t_i\,\mathrm{sign}\,\nabla_i f(x)"
    source = "Zmushko, Beznosikov, Takáč, Horváth (2025)"
    layer_norms = ("l2", "linf")
    gamma = NonNegative("gamma", "step size of a layer with a state", each=True)
    t = NonNegative("t", "radius of a layer without", each=True)

    def radius(self, r: Any) -> Any:
        """γᵢrᵢ + tᵢ."""
        return self.gamma * r + self.t

    @theorem(LayerwiseLipschitz, measure=SPLIT, norms=LAYERS)
    def split(self, f: Any, x: Any, y: Any) -> Goal:
        """With γᵢ ≤ 1/Lᵢ the least Σᵢ (½γᵢ‖∇ᵢf‖*² + (1 − γᵢLᵢ)tᵢ‖∇ᵢf‖*) is at most Δ₀/N + ½Σᵢ Lᵢtᵢ²: gradient layers
        count with ½γᵢ‖∇ᵢf‖₂², sign layers with tᵢ‖∇ᵢf‖₁."""
        return Telescoping(
            quantities=(f.total(_gain(f, norm(f.gradient(x)))),),
            weights=(1 + 0 * f.value(x),),
            before=f.value(x) - f.minimum,
            after=f.value(y) - f.minimum,
            error=f.total(f.L * self.t**2) / 2,
            given=(self.gamma * f.L <= 1,),
        )

    conjectures = (
        Conjecture(
            "momentum",
            "With momentum in the layers that have a state and a split that changes the rate stays O(1/√N).",
            source="Zmushko, Beznosikov, Takáč, Horváth (2025)",
            note="not derived here",
        ),
    )
