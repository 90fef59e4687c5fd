"""Worst cases by semidefinite programming, with exact bounds on both sides.

`Model` states a problem: points, functions, operators, conditions, what is maximised. `Model.solve` returns a rational
interval that contains the worst case; both ends are checked by the kernel. `worst_case` does the same for a declared
method, after N steps. `cross_check` compares a proved one-step theorem with its exact worst case.

Around a bound: `sparse_proof` (few multipliers; `certify.report.bound_proof` prints them), `best_rate` and `lyapunov`
(Lyapunov functions that are found), `best_step` and `admissible` (step sizes).
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from certify.language import inner, norm, norm2
from certify.pep.modelling.expressions import Expression, Point, Relation, equal
from certify.pep.modelling.model import Model
from certify.pep.questions import BadQuestion
from certify.pep.runs import worst_case
from certify.pep.step.one_step import SolvedPoint, WorstCase, cross_check

if TYPE_CHECKING:
    from certify.pep.contraction import LyapunovState, best_rate, contraction_factor, lyapunov
    from certify.pep.sparse_proofs import Session, sparse_proof
    from certify.pep.step_size import admissible, best_step

LATER = {
    "contraction": ("LyapunovState", "best_rate", "contraction_factor", "lyapunov"),
    "sparse_proofs": ("Session", "sparse_proof"),
    "step_size": ("admissible", "best_step"),
}
"""Names that need NumPy and SciPy, by their module: imported when first used."""


def __getattr__(name: str) -> Any:
    for module, names in LATER.items():
        if name in names:
            found = globals()[name] = getattr(import_module(f"certify.pep.{module}"), name)
            return found
    raise AttributeError(f"module 'certify.pep' has no attribute {name!r}")


__all__ = [
    "BadQuestion", "Expression", "LyapunovState", "Model", "Point", "Relation", "Session", "SolvedPoint", "WorstCase",
    "admissible", "best_rate", "best_step", "contraction_factor", "cross_check", "equal", "inner", "lyapunov", "norm",
    "norm2", "sparse_proof", "worst_case",
]  # fmt: skip
