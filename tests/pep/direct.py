"""A worst-case problem handed to a solver as it stands, without the engine: an independent floating-point value."""

import warnings

import cvxpy as cp

from certify.pep.engine.problem import Problem, Terms
from certify.pep.modelling.model import Model


def worst(model: Model | Problem, **options: float) -> float:
    """The optimal value, inf if it is unbounded; fails if the solver is not sure."""
    problem = model.problem() if isinstance(model, Model) else model
    size = max(len(problem.vectors), 1)
    gram, values = cp.Variable((size, size), PSD=True), cp.Variable(max(len(problem.values), 1))

    def form(terms: Terms) -> cp.Expression:
        total: cp.Expression = cp.Constant(0)
        for key, coefficient in terms.items():
            quantity = gram[key] if len(key) == 2 else values[key[0]] if key else 1
            total = total + float(int(coefficient.p) / int(coefficient.q)) * quantity
        return total

    constraints = [form(row.terms) >= 0 for row in problem.inequalities]
    constraints += [form(row.terms) == 0 for row in problem.equations]
    for matrix in problem.matrices:
        assert all(matrix.rows[i][j] == matrix.rows[j][i] for i in range(len(matrix.rows)) for j in range(i))
        constraints.append(cp.bmat([[form(terms) for terms in row] for row in matrix.rows]) >> 0)
    program = cp.Problem(cp.Maximize(form(problem.objective)), constraints)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        program.solve(solver=cp.CLARABEL, **options)
    if program.status == cp.UNBOUNDED:
        return float("inf")
    assert program.status == cp.OPTIMAL, program.status
    return float(program.value)
