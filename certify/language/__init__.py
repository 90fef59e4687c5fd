"""The words declarations are written in: vectors, scalars, parameters, oracles, methods, assumptions, theorems."""

from certify.language.assumptions import Assumption, sphere
from certify.language.functions import block, inner, norm, norm2
from certify.language.goals import (
    Averaging,
    Contraction,
    FiniteDecrease,
    Goal,
    Monotone,
    Potential,
    ProductDecrease,
    SaturatingDecrease,
    Telescoping,
)
from certify.language.measures import (
    AVERAGE_GAP,
    BEST_GAP,
    BEST_GRADIENT,
    BEST_STEP,
    DISTANCE,
    GAP,
    GRADIENT,
    MEASURES,
    OPERATOR,
    RESIDUAL,
    STEP,
    SUBGRADIENT,
    SUBGRADIENT2,
    Measure,
    Run,
    at_average,
    best,
    bregman,
    mean,
    measure,
)
from certify.language.methods import Method
from certify.language.opaque import log2
from certify.language.oracles import BallProxCall, Draw, Evaluation, SymbolicFunction
from certify.language.parameters import Blocks, Count, Horizon, NonNegative, Parameter, Positive
from certify.language.problems import DoesNotApply, Problem, applies, pose
from certify.language.rates import Rate, rate
from certify.language.relations import Equation, Semidefinite
from certify.language.roundings import root, rounded
from certify.language.scalar import Inequality, Scalar, UnknownSign
from certify.language.theorems import Theorem, theorem
from certify.language.trace import OutOfDomain, Trace
from certify.language.vector import MixedSpaces, Vector

__all__ = [
    "AVERAGE_GAP",
    "BEST_GAP",
    "BEST_GRADIENT",
    "BEST_STEP",
    "DISTANCE",
    "GAP",
    "GRADIENT",
    "MEASURES",
    "OPERATOR",
    "RESIDUAL",
    "STEP",
    "SUBGRADIENT",
    "SUBGRADIENT2",
    "Assumption",
    "Averaging",
    "BallProxCall",
    "Blocks",
    "Contraction",
    "Count",
    "DoesNotApply",
    "Draw",
    "Equation",
    "Evaluation",
    "FiniteDecrease",
    "Goal",
    "Horizon",
    "Inequality",
    "Measure",
    "Method",
    "MixedSpaces",
    "Monotone",
    "NonNegative",
    "OutOfDomain",
    "Parameter",
    "Positive",
    "Potential",
    "Problem",
    "ProductDecrease",
    "Rate",
    "Run",
    "SaturatingDecrease",
    "Scalar",
    "Semidefinite",
    "SymbolicFunction",
    "Telescoping",
    "Theorem",
    "Trace",
    "UnknownSign",
    "Vector",
    "applies",
    "at_average",
    "best",
    "block",
    "bregman",
    "inner",
    "log2",
    "mean",
    "measure",
    "norm",
    "norm2",
    "pose",
    "rate",
    "root",
    "rounded",
    "sphere",
    "theorem",
]
