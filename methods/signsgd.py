"""Sign descent: linear minimisation with the norm ℓ∞ in every layer."""

from __future__ import annotations

from certify.methods._layerwise import Adaptive, Fixed, FixedNear, Scaled, ScaledLeast, WeightDecay
from certify.methods._layerwise_momentum import Momentum, StochasticMomentum


class SignDescent(Fixed):
    """xᵢ⁺ = xᵢ − tᵢ sign ∇ᵢf(x) in every layer i: Gluon with ℓ∞, so that ‖·‖* is ℓ1 and constants are those of ℓ∞."""

    name = "signsgd"
    title = "sign descent"
    formula = r"x_i^+ = x_i - t_i\,\mathrm{sign}\,\nabla_i f(x)"
    source = "Bernstein, Wang, Azizzadenesheli, Anandkumar (2018)"
    layer_norms = ("linf",)
    variants = (Adaptive, Momentum, StochasticMomentum, FixedNear, Scaled, ScaledLeast, WeightDecay)
