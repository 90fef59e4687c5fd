"""Functions made from scikit-learn's bundled data: constants, minimisers and derivatives."""

import pytest
import torch

pytest.importorskip("sklearn")

from certify.simulate.functions import TestFunction
from certify.simulate.functions.least_squares import LeastSquares
from certify.simulate.functions.logistic import LogisticRegression
from certify.simulate.functions.softmax import SoftmaxRegression, classes, images

FAMILIES = [LogisticRegression, SoftmaxRegression, LeastSquares]


def _sample(family: type[TestFunction], dimension: int) -> TestFunction:
    (found,) = family.sample(batch=12, dimension=dimension, generator=torch.Generator().manual_seed(0))
    return found


def _points(f: TestFunction, scale: float) -> torch.Tensor:
    noise = torch.randn(f.minimizer.shape, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    return f.minimizer + scale * noise


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("dimension", [2, 3, 10])
@pytest.mark.parametrize("scale", [1e-3, 1.0, 10.0])
def test_gradients_minima_and_constants(family, dimension, scale):
    f = _sample(family, dimension)
    x, y = _points(f, scale).requires_grad_(), _points(f, scale).flip(0) - f.minimizer.flip(0) + f.minimizer
    (slope,) = torch.autograd.grad(f.value(x).sum(), x)
    torch.testing.assert_close(slope, f.subgradient(x).detach(), rtol=1e-9, atol=1e-12)
    assert f.subgradient(f.minimizer).abs().max() < 1e-13
    assert (f.value(x) >= f.minimum - 1e-14).all()
    difference = f.subgradient(x) - f.subgradient(y)
    step, change = x - y, difference
    along, moved = (change * step).sum(1), step.square().sum(1)
    assert (along <= f.constants["L"][:, 0] * moved * (1 + 1e-9)).all()
    assert (along >= f.constants["mu"][:, 0] * moved * (1 - 1e-9) - 1e-14).all()


def test_the_smoothness_of_logistic_regression_is_known():
    """The correlation matrix of all columns has the largest eigenvalue 13.2816 on these data."""
    weight = torch.tensor([[1e-3]], dtype=torch.float64)
    zero = torch.zeros(1, 30, dtype=torch.float64)
    f = LogisticRegression(weight=weight, solution=LogisticRegression.solve(weight, 30), minimizer=zero)
    assert f.constants["L"].item() == pytest.approx(13.2816 / 4 + 1e-3, abs=1e-4)
    assert f.subgradient(zero).abs().max() < 1e-12
    assert LogisticRegression.sample(batch=2, dimension=31, generator=torch.Generator()) == []


def test_the_largest_eigenvalue_of_least_squares_is_known():
    """The ten columns have variance 1, so the eigenvalues add up to 10; the largest is attained."""
    f = _sample(LeastSquares, 10)
    assert f.constants["L"][0, 0].item() == pytest.approx(4.0242, abs=1e-4)
    assert f.parameters["spectrum"][0].sum().item() == pytest.approx(10.0)
    assert f.take(torch.tensor([3])).name == "least-squares"


def test_softmax_regression_is_cross_entropy_on_the_digits():
    f = _sample(SoftmaxRegression, 10)
    assert [classes(d) for d in (1, 2, 10, 12, 640, 11 * 13, 650)] == [None, 2, 5, 6, 10, None, None]
    assert SoftmaxRegression.sample(batch=2, dimension=1, generator=torch.Generator()) == []
    a, y = images(10)
    assert a.shape == (300, 2)
    assert y.unique().tolist() == [0, 1, 2, 3, 4]
    x = _points(f, 1.0)
    w = (f.parameters["solution"] + x - f.minimizer).reshape(-1, 5, 2)
    for row in range(3):
        loss = (
            torch.nn.functional.cross_entropy(a @ w[row].T, y) + f.parameters["weight"][row] / 2 * w[row].square().sum()
        )
        torch.testing.assert_close(f.value(x)[row], loss)
    top = torch.linalg.eigvalsh(
        torch.autograd.functional.hessian(lambda v: f.take(torch.tensor([0])).value(v), x[:1])[0, :, 0]
    )
    assert top[-1] <= f.constants["L"][0, 0] * (1 + 1e-12)
    assert top[0] >= f.constants["mu"][0, 0] * (1 - 1e-12)
