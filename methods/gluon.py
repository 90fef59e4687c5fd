"""Gluon: every layer moves to where its linearised loss is least in a ball of its own norm."""

from __future__ import annotations

from certify.methods._layerwise import Adaptive, Fixed, FixedNear, Scaled, ScaledLeast, WeightDecay
from certify.methods._layerwise_inexact import InexactAdaptive, InexactFixed
from certify.methods._layerwise_momentum import Momentum, StochasticMomentum


class Gluon(Adaptive):
    """Xᵢ⁺ = Xᵢ + tᵢ LMOᵢ(∇ᵢf(X)) with tᵢ = ‖∇ᵢf(X)‖*/(L0ᵢ + L1ᵢ‖∇ᵢf(X)‖*), in any norms, for every layer i."""

    name = "gluon"
    title = "layer-wise linear minimisation (Gluon)"
    formula = (
        r"X_i^+ = X_i + t_i\,\mathrm{LMO}_i(\nabla_i f(X)), \quad"
        r" t_i = \frac{\|\nabla_i f(X)\|_*}{L_{0,i} + L_{1,i}\|\nabla_i f(X)\|_*}"
    )
    variants = (
        Fixed,
        Momentum,
        StochasticMomentum,
        FixedNear,
        Scaled,
        ScaledLeast,
        InexactAdaptive,
        InexactFixed,
        WeightDecay,
    )
