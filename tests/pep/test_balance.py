"""Answers in better units lead back to answers of the problem as it was."""

import numpy as np
import pytest
from reference_problems import gradient_descent

from certify.pep.engine.balance import balance
from certify.pep.engine.conic import conic
from certify.pep.engine.invariance import invisible
from certify.pep.engine.program import program
from certify.pep.engine.solvers import call


@pytest.mark.parametrize("model", [gradient_descent(3, L=10**6, R="1/1000"), gradient_descent(2, L=10**6, R=1000)])
def test_restored_answers_satisfy_the_original_optimality_conditions(model):
    problem = model.problem()
    dual = program(problem, *invisible(problem))
    data = conic(dual)
    balanced = balance(dual, data)
    if balanced is None:
        pytest.fail("these data need other units")
    answer = balanced.restore(call(balanced.data))
    size = abs(answer.value)
    assert abs(data.q @ answer.x - answer.value) <= 1e-6 * size
    assert abs(data.b @ answer.z + answer.value) <= 1e-6 * size
    prices = np.abs(data.A.T @ answer.z + data.q)
    assert np.all(prices <= 1e-5 * (np.abs(data.A).T @ np.abs(answer.z) + np.abs(data.q)))
