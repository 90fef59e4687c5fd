"""Muon: linear minimisation with the spectral norm in every layer."""

from __future__ import annotations

from certify.methods._layerwise import Adaptive, Fixed, FixedNear, Scaled, ScaledLeast, WeightDecay
from certify.methods._layerwise_inexact import InexactAdaptive, InexactFixed
from certify.methods._layerwise_momentum import Momentum, StochasticMomentum
from certify.methods._polar import NewtonSchulz, PolarExpress


class Muon(Fixed):
    """Xᵢ⁺ = Xᵢ − tᵢUᵢVᵢᵀ for ∇ᵢf(X) = UᵢΣᵢVᵢᵀ in every layer i: Gluon with spectral norms, ‖·‖* the nuclear norm."""

    name = "muon"
    title = "Muon: layer-wise linear minimisation in spectral norms"
    formula = r"X_i^+ = X_i - t_i\,U_i V_i^\top, \quad \nabla_i f(X) = U_i\Sigma_i V_i^\top"
    source = "Jordan et al. (2024)"
    layer_norms = ("spectral",)
    variants = (
        Adaptive,
        Momentum,
        StochasticMomentum,
        FixedNear,
        Scaled,
        ScaledLeast,
        NewtonSchulz,
        PolarExpress,
        InexactAdaptive,
        InexactFixed,
        WeightDecay,
    )
