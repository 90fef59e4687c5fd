"""Random batches by assumption: what the cross-check of a theorem runs on.

A new family is one file with a `sample` method and one line in `FAMILIES`.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch

from certify.simulate.functions.absolute_residual import AbsoluteResidual
from certify.simulate.functions.ball_distance import BallDistance
from certify.simulate.functions.base import ASSUMPTIONS, TestFunction
from certify.simulate.functions.bent_quadratic import BentQuadratic
from certify.simulate.functions.cliff import Cliff
from certify.simulate.functions.clipped_vee import ClippedVee
from certify.simulate.functions.coordinate_huber import CoordinateHuber
from certify.simulate.functions.cosine_wells import CosineWells
from certify.simulate.functions.euclidean_norm import EuclideanNorm
from certify.simulate.functions.hinge import SupportVectors
from certify.simulate.functions.huber_norm import HuberNorm
from certify.simulate.functions.max_affine import MaxAffine
from certify.simulate.functions.max_norm import MaxNorm
from certify.simulate.functions.moreau_max_affine import MoreauMaxAffine
from certify.simulate.functions.quadratic import Quadratic
from certify.simulate.functions.quadratic_plus_huber import QuadraticPlusHuber
from certify.simulate.functions.quadratic_plus_norm import QuadraticPlusNorm
from certify.simulate.functions.rippled_quadratic import RippledQuadratic
from certify.simulate.functions.saturating_quadratic import SaturatingQuadratic
from certify.simulate.functions.weighted_l1 import WeightedL1

FAMILIES: tuple[type[TestFunction], ...] = (
    Quadratic,
    EuclideanNorm,
    HuberNorm,
    CoordinateHuber,
    BentQuadratic,
    QuadraticPlusNorm,
    QuadraticPlusHuber,
    WeightedL1,
    MaxNorm,
    BallDistance,
    RippledQuadratic,
    CosineWells,
    SaturatingQuadratic,
    ClippedVee,
    Cliff,
)
POLYHEDRAL: tuple[type[TestFunction], ...] = (MaxAffine, AbsoluteResidual, SupportVectors, MoreauMaxAffine)
"""Families whose prox is a quadratic program in every row: exact but slow, and rounded more than others."""


def sample_families(
    assumption: str,
    *,
    batch: int,
    dimension: int,
    generator: torch.Generator,
    families: Sequence[type[TestFunction]] = FAMILIES,
) -> list[TestFunction]:
    """Random batches, of `batch` functions on R^dimension each, that satisfy the assumption.

    **Arguments**: `assumption`, one of `ASSUMPTIONS`; `generator`, the only source of randomness,
    on whose device the functions live; `families`, those that are asked.

    **Returns**: at least one batch of every family that has members of this kind.
    """
    if assumption not in ASSUMPTIONS:
        raise ValueError(f"assumption {assumption!r} is unknown; use one of {sorted(ASSUMPTIONS)}")
    if batch < 1 or dimension < 1:
        raise ValueError(f"batch is {batch}, dimension is {dimension}; both must be at least 1")
    candidates = [
        function
        for family in families
        if assumption in family.may_satisfy
        for function in family.sample(batch=batch, dimension=dimension, generator=generator)
    ]
    return [function for function in candidates if assumption in function.satisfies]
