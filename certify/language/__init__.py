"""The words declarations are written in: vectors, scalars, parameters, oracles, methods, assumptions, theorems."""

from certify.language.assumptions import Assumption, sphere
from certify.language.functions import inner, norm, norm2
from certify.language.goals import Contraction, FiniteDecrease, Goal, Monotone, Potential, ProductDecrease, Telescoping
from certify.language.methods import Method
from certify.language.oracles import BallProxCall, Evaluation, SymbolicFunction
from certify.language.parameters import NonNegative, Parameter, Positive
from certify.language.problems import DoesNotApply, Problem, applies, pose
from certify.language.scalar import Inequality, Scalar
from certify.language.theorems import DISTANCE, GAP, GRADIENT, STEP, SUBGRADIENT, Measure, Theorem, theorem
from certify.language.trace import OutOfDomain, Trace, UnknownSign
from certify.language.vector import MixedSpaces, Vector

__all__ = [
    "DISTANCE",
    "GAP",
    "GRADIENT",
    "STEP",
    "SUBGRADIENT",
    "Assumption",
    "BallProxCall",
    "Contraction",
    "DoesNotApply",
    "Evaluation",
    "FiniteDecrease",
    "Goal",
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
    "Scalar",
    "SymbolicFunction",
    "Telescoping",
    "Theorem",
    "Trace",
    "UnknownSign",
    "Vector",
    "applies",
    "inner",
    "norm",
    "norm2",
    "pose",
    "sphere",
    "theorem",
]
