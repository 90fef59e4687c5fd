"""Calling a conic solver without being harmed: panics, wrong claims and time-outs become a status.

Clarabel is called directly (its import costs milliseconds, cvxpy's more than a second); every other solver that cvxpy
knows is called through cvxpy, with one matrix-valued constraint a block.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import Any

import numpy as np

from certify.pep.engine.conic import ROOT2, Answer, Conic, clean

CLARABEL = "CLARABEL"
SECOND = "SCS"
"""The solver that is asked when the first one fails."""
LIMIT = 600.0
"""Seconds after which a solver is stopped (those that can be told so)."""


def call(data: Conic, solver: str = CLARABEL, **options: Any) -> Answer:
    """Ask one solver; never raises for what the solver does (only for a solver that is not installed)."""
    begin = time.perf_counter()
    try:
        if solver.upper() == CLARABEL:
            return _clarabel(data, options)
        return _through_cvxpy(data, solver.upper(), options)
    except (KeyboardInterrupt, SystemExit, UnknownSolver):
        raise
    except BaseException as error:  # a panic inside a native solver is not an Exception
        return Answer(solver.upper(), f"failed: {type(error).__name__}", None, time.perf_counter() - begin)


class UnknownSolver(ValueError):
    """The solver asked for is not installed; the message lists those that are."""


def _clarabel(data: Conic, options: Mapping[str, Any]) -> Answer:
    clarabel: Any = import_module("clarabel")  # a compiled module without types
    import scipy.sparse as sp

    settings = clarabel.DefaultSettings()
    settings.verbose = False
    settings.max_threads = 1
    settings.time_limit = LIMIT
    for name, value in options.items():
        setattr(settings, name, value)
    cones: list[Any] = []
    if data.zeros:
        cones.append(clarabel.ZeroConeT(data.zeros))
    if data.orthant:
        cones.append(clarabel.NonnegativeConeT(data.orthant))
    cones += [clarabel.PSDTriangleConeT(size) for size in data.sizes if size]
    n = len(data.q)
    P = sp.identity(n, format="csc") * data.prox if data.prox else _no_quadratic(n)
    begin = time.perf_counter()
    solution = clarabel.DefaultSolver(P, data.q, data.A, data.b, cones, settings).solve()
    seconds = time.perf_counter() - begin
    status = _CLARABEL_WORDS.get(str(solution.status), "failed")
    x, z = (np.array(solution.x), np.array(solution.z)) if status in ("optimal", "inaccurate") else (None, None)
    return Answer(CLARABEL, status, clean(solution.obj_val), seconds, x, z)


@cache
def _no_quadratic(n: int) -> Any:
    """A zero matrix; to make one takes longer than to call a small solver's constructor."""
    import scipy.sparse as sp

    return sp.csc_matrix((n, n))


_CLARABEL_WORDS = {
    "Solved": "optimal",
    "AlmostSolved": "inaccurate",
    "InsufficientProgress": "inaccurate",
    "MaxIterations": "inaccurate",
    "MaxTime": "timed out",
    "PrimalInfeasible": "infeasible",
    "AlmostPrimalInfeasible": "infeasible",
    "DualInfeasible": "unbounded",
    "AlmostDualInfeasible": "unbounded",
}


def _through_cvxpy(data: Conic, solver: str, options: Mapping[str, Any]) -> Answer:
    import cvxpy as cp

    if solver not in cp.installed_solvers():
        known = ", ".join(cp.installed_solvers())
        raise UnknownSolver(f"the solver {solver} is not installed (installed: {known})")
    x = cp.Variable(len(data.q))
    end = data.zeros + data.orthant
    constraints: list[Any] = []
    if data.zeros:
        constraints.append(data.A[: data.zeros] @ x == data.b[: data.zeros])
    if data.orthant:
        constraints.append(data.A[data.zeros : end] @ x <= data.b[data.zeros : end])
    kept = []  # cvxpy identifies large constants by their address, so they must stay alive
    for size, rows in zip(data.sizes, data.triangles, strict=True):
        spread = _spread(size)
        matrix, constant = spread @ data.A[rows], spread @ data.b[rows]
        kept += [matrix, constant]
        constraints.append(cp.reshape(constant - matrix @ x, (size, size), order="F") >> 0)
    problem = cp.Problem(cp.Minimize(data.q @ x), constraints)
    limit = {_TIMERS[solver]: LIMIT} if solver in _TIMERS else {}
    begin = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the status tells
        problem.solve(solver=solver, **{**limit, **options})
    seconds = time.perf_counter() - begin
    status = {"optimal": "optimal", "optimal_inaccurate": "inaccurate"}.get(problem.status, problem.status)
    if x.value is None or status not in ("optimal", "inaccurate"):
        return Answer(solver, status.removesuffix("_inaccurate"), clean(problem.value), seconds)
    duals = [np.atleast_1d(c.dual_value) for c in constraints[: len(constraints) - len(data.sizes)]]
    for size, constraint in zip(data.sizes, constraints[len(duals) :], strict=True):
        columns, rows_ = np.tril_indices(size)
        dual = np.asarray(constraint.dual_value)
        dual = (dual + dual.T) / 2
        duals.append(dual[rows_, columns] * np.where(rows_ == columns, 1.0, ROOT2))
    return Answer(solver, status, clean(problem.value), seconds, np.array(x.value), np.concatenate(duals))


_TIMERS = {"SCS": "time_limit_secs"}
"""What solvers call the limit on their time."""


def _spread(size: int) -> Any:
    """The sparse matrix that turns a stacked triangle into the full matrix, column by column."""
    import scipy.sparse as sp

    columns, rows = np.tril_indices(size)
    index = columns * (columns + 1) // 2 + rows
    scale = np.where(rows == columns, 1.0, 1 / ROOT2)
    off = rows != columns
    return sp.csr_matrix(
        (
            np.concatenate([scale, scale[off]]),
            (
                np.concatenate([columns * size + rows, (rows * size + columns)[off]]),
                np.concatenate([index, index[off]]),
            ),
        ),
        shape=(size * size, size * (size + 1) // 2),
    )
