"""Normalised gradient descent: linear minimisation with the Euclidean norm in every layer."""

from __future__ import annotations

from certify.methods._layerwise import Adaptive, Fixed, FixedNear, Scaled, ScaledLeast, WeightDecay
from certify.methods._layerwise_momentum import Momentum, StochasticMomentum


class NormalisedGradient(Fixed):
    """xᵢ⁺ = xᵢ − tᵢ∇ᵢf(x)/‖∇ᵢf(x)‖ in every layer i: Gluon with Euclidean norms."""

    name = "nsgd"
    title = "normalised gradient descent"
    formula = r"x_i^+ = x_i - t_i\,\nabla_i f(x)/\|\nabla_i f(x)\|"
    source = "Nesterov (1984)"
    layer_norms = ("l2",)
    variants = (Adaptive, Momentum, StochasticMomentum, FixedNear, Scaled, ScaledLeast, WeightDecay)
