"""Worst cases by semidefinite programming: a second, numerical opinion on proved bounds.

Nothing here proves anything. A proved bound must not be exceeded, and one that is attained cannot
be improved in one step; both are measured at a few parameter points. The first solve loads cvxpy.
"""

from certify.pep.one_step import SolvedPoint, WorstCase, worst_case

__all__ = ["SolvedPoint", "WorstCase", "worst_case"]
