"""Batches of test functions that know which assumptions they satisfy, and with which constants.

`sample_families` draws them by assumption; each family lives in its own file and can be built with
chosen parameters. This module is the public list.
"""

from __future__ import annotations

from certify.simulate.functions.absolute_residual import AbsoluteResidual
from certify.simulate.functions.ball_distance import BallDistance
from certify.simulate.functions.base import ASSUMPTIONS, ORACLES, TestFunction, UnsupportedOracle
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
from certify.simulate.functions.prox_search import brox_by_prox
from certify.simulate.functions.quadratic import Quadratic
from certify.simulate.functions.quadratic_plus_huber import QuadraticPlusHuber
from certify.simulate.functions.quadratic_plus_norm import QuadraticPlusNorm
from certify.simulate.functions.rippled_quadratic import RippledQuadratic
from certify.simulate.functions.sampling import FAMILIES, POLYHEDRAL, sample_families
from certify.simulate.functions.saturating_quadratic import SaturatingQuadratic
from certify.simulate.functions.weighted_l1 import WeightedL1

__all__ = [
    "ASSUMPTIONS",
    "FAMILIES",
    "ORACLES",
    "POLYHEDRAL",
    "AbsoluteResidual",
    "BallDistance",
    "BentQuadratic",
    "Cliff",
    "ClippedVee",
    "CoordinateHuber",
    "CosineWells",
    "EuclideanNorm",
    "HuberNorm",
    "MaxAffine",
    "MaxNorm",
    "MoreauMaxAffine",
    "Quadratic",
    "QuadraticPlusHuber",
    "QuadraticPlusNorm",
    "RippledQuadratic",
    "SaturatingQuadratic",
    "SupportVectors",
    "TestFunction",
    "UnsupportedOracle",
    "WeightedL1",
    "brox_by_prox",
    "sample_families",
]
