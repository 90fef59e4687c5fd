"""Worst cases by semidefinite programming, with exact bounds on both sides.

`Model` states a problem: points, functions, operators, conditions, what is maximised. `Model.solve` returns a rational
interval that contains the worst case; both ends are checked by the kernel. `worst_case` does the same for a declared
method, after N steps. `cross_check` compares a proved one-step theorem with its numerical worst case.
"""

from certify.language import inner, norm, norm2
from certify.pep.modelling.expressions import Expression, Point, Relation, equal
from certify.pep.modelling.model import Model
from certify.pep.questions import BadQuestion
from certify.pep.runs import worst_case
from certify.pep.step.one_step import SolvedPoint, WorstCase, cross_check

__all__ = [
    "BadQuestion", "Expression", "Model", "Point", "Relation", "SolvedPoint", "WorstCase", "cross_check", "equal",
    "inner", "norm", "norm2", "worst_case",
]  # fmt: skip
