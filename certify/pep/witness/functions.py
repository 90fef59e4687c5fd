"""The function of a worst case, for the classes whose interpolating function is explicit."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from certify.assumptions.convex import Convex
from certify.assumptions.lipschitz_convex import LipschitzConvex
from certify.assumptions.smooth import Smooth
from certify.assumptions.smooth_convex import SmoothConvex
from certify.assumptions.smooth_strongly_convex import SmoothStronglyConvex
from certify.assumptions.strongly_convex import StronglyConvex
from certify.language.oracles import MINIMIZER
from certify.pep.modelling.functions import Function
from certify.pep.witness.points import NoWitness, Witness

if TYPE_CHECKING:
    from certify.pep.witness.interpolants import ParabolaInterpolant, TangentInterpolant

EXPLICIT = (Convex, LipschitzConvex, StronglyConvex, SmoothConvex, SmoothStronglyConvex, Smooth)
"""The classes whose interpolant is known here."""


def curvature(function: Function) -> tuple[Fraction, Fraction | None]:
    """The curvatures (μ, L) between which functions of the class lie; L is None for nonsmooth ones.

    **Raises:** `NoWitness` for other classes.
    """
    kinds = {type(a) for a in function.assumptions}
    if len(kinds) != 1 or not kinds <= set(EXPLICIT):
        said = " and ".join(a.name for a in function.assumptions) or "no assumption"
        raise NoWitness(f"no explicit function through given data is known for {function.name} ({said})")
    (assumption,) = function.assumptions
    values = {s: Fraction(v) for s, v in assumption.values.items()}
    if isinstance(assumption, Smooth):
        return -values["L"], values["L"]
    return values.get("mu", Fraction(0)), values.get("L")


def interpolant(witness: Witness, function: Function) -> TangentInterpolant | ParabolaInterpolant:
    """The worst-case function as a batch of one test function (torch, float64), in the witness's coordinates.

    **Raises:** `NoWitness` if the class has no explicit interpolant.
    """
    import torch

    from certify.pep.witness.interpolants import ParabolaInterpolant, TangentInterpolant

    low, high = curvature(function)
    records = [r for r in witness.records(function) if r.gradient is not None]
    if not records:
        raise NoWitness(f"{function.name} was evaluated nowhere")
    values = np.array([float(r.value) for r in records])
    star = next((i for i, r in enumerate(records) if r.label == MINIMIZER), int(values.argmin()))
    width = max(witness.dimension, 1)

    def rows(vectors: list[np.ndarray]) -> torch.Tensor:
        found = np.zeros((1, len(vectors), width))
        for i, v in enumerate(vectors):
            found[0, i, : len(v)] = v
        return torch.from_numpy(found)

    def column(number: float) -> torch.Tensor:
        return torch.tensor([[number]], dtype=torch.float64)

    points = rows([witness.floats(r.point) for r in records])
    gradients = rows([witness.floats(r.gradient) for r in records if r.gradient is not None])
    data = {
        "points": points,
        "gradients": gradients,
        "values": torch.from_numpy(values)[None, :],
        "curvature": column(float(low)),
        "lowest": torch.tensor([[star]]),
    }
    return TangentInterpolant(**data) if high is None else ParabolaInterpolant(**data, smoothness=column(float(high)))
