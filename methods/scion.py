"""Unconstrained Scion: linear minimisation with operator norms that are scaled by the layers' shapes."""

from __future__ import annotations

from certify.methods._layerwise import Adaptive, Fixed, FixedNear, Scaled, ScaledLeast, WeightDecay
from certify.methods._layerwise_inexact import InexactAdaptive, InexactFixed
from certify.methods._layerwise_momentum import Momentum, StochasticMomentum


class Scion(Fixed):
    """Xᵢ⁺ = Xᵢ + tᵢ LMOᵢ(∇ᵢf(X)): Gluon with √(n/m)‖·‖ for hidden m × n layers, n·max|·| for the last, RMS for biases.

    The oracles are −√(m/n)UVᵀ, −sign(G)/n and −√m g/‖g‖₂.
    """

    name = "scion"
    title = "Scion: layer-wise linear minimisation in scaled operator norms"
    source = "Pethick et al. (2025)"
    layer_norms = ("rms-to-rms", "scaled-max-entry", "rms")
    variants = (
        Adaptive,
        Momentum,
        StochasticMomentum,
        FixedNear,
        Scaled,
        ScaledLeast,
        InexactAdaptive,
        InexactFixed,
        WeightDecay,
    )
