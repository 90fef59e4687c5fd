"""The words declarations are written in: vectors, scalars, parameters, oracles, methods, assumptions, theorems."""

from certify.language.assumptions import Assumption, sphere
from certify.language.conjectures import Conjecture, LinearGame, Trap
from certify.language.energy_goals import Energy, EnergyContraction
from certify.language.functions import block, clip, inner, maximum, norm, norm2
from certify.language.goals import (
    Contraction,
    FiniteContraction,
    FiniteDecrease,
    Goal,
    Monotone,
    Potential,
    ProductDecrease,
    Same,
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
    REGRET,
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
from certify.language.opaque import log, log2
from certify.language.oracles import SymbolicFunction
from certify.language.outcomes import Outcomes, expected
from certify.language.parameters import Blocks, Count, Horizon, NonNegative, Parameter, Positive, Share
from certify.language.problems import DoesNotApply, Problem, applies, pose
from certify.language.rates import Rate, rate
from certify.language.records import BallProxCall, Draw, Evaluation
from certify.language.relations import Equation, Semidefinite
from certify.language.roundings import root, rounded
from certify.language.scalar import Inequality, Scalar, UnknownSign
from certify.language.theorems import Theorem, theorem
from certify.language.trace import OutOfDomain, Trace
from certify.language.varying_goals import (
    Averaging,
    DominatedDecrease,
    EvenAveraging,
    QuadraticDecrease,
    SaturatingDecrease,
    SelfScaled,
)
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
    "REGRET",
    "RESIDUAL",
    "STEP",
    "SUBGRADIENT",
    "SUBGRADIENT2",
    "Assumption",
    "Averaging",
    "BallProxCall",
    "Blocks",
    "Conjecture",
    "Contraction",
    "Count",
    "DoesNotApply",
    "DominatedDecrease",
    "Draw",
    "Energy",
    "EnergyContraction",
    "Equation",
    "Evaluation",
    "EvenAveraging",
    "FiniteContraction",
    "FiniteDecrease",
    "Goal",
    "Horizon",
    "Inequality",
    "LinearGame",
    "Measure",
    "Method",
    "MixedSpaces",
    "Monotone",
    "NonNegative",
    "OutOfDomain",
    "Outcomes",
    "Parameter",
    "Positive",
    "Potential",
    "Problem",
    "ProductDecrease",
    "QuadraticDecrease",
    "Rate",
    "Run",
    "Same",
    "SaturatingDecrease",
    "Scalar",
    "SelfScaled",
    "Semidefinite",
    "Share",
    "SymbolicFunction",
    "Telescoping",
    "Theorem",
    "Trace",
    "Trap",
    "UnknownSign",
    "Vector",
    "applies",
    "at_average",
    "best",
    "block",
    "bregman",
    "clip",
    "expected",
    "inner",
    "log",
    "log2",
    "maximum",
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
