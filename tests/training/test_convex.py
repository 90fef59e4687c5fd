"""Convex mode: L against independent values, rigorous ends, verdicts on both sides of 2/L."""

from fractions import Fraction

import numpy as np
import pytest
import torch
from torch import nn

from certify.training.convex import convex_range, largest_eigenvalue
from certify.training.setup import make_setup
from certify.training.validate import validate
from certify.training.verdicts import Verdict


def standardised(x):
    x = torch.tensor(np.asarray(x)).float()
    return (x - x.mean(0)) / x.std(0)


def breast_cancer():
    data = pytest.importorskip("sklearn.datasets").load_breast_cancer()
    return standardised(data.data), torch.tensor(data.target).float()[:, None]


def diabetes():
    data = pytest.importorskip("sklearn.datasets").load_diabetes()
    return standardised(data.data), standardised(data.target[:, None])


def logistic(lr, loss_fn=None, **options):
    model = nn.Linear(30, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=lr, weight_decay=1e-3)
    return make_setup(model, optimizer, [breast_cancer()], loss_fn or nn.BCEWithLogitsLoss(), **options)


def squares(lr, **options):
    torch.manual_seed(0)
    model = nn.Linear(10, 1, bias=False)
    return model, torch.optim.SGD(model.parameters(), lr=lr, **options), [diabetes()], nn.MSELoss()


def test_the_ends_enclose_an_eigenvalue_that_is_known_exactly():
    a = torch.tensor([[3.0, 0.0], [0.0, 4.0], [0.0, 0.0]])
    low, high = largest_eigenvalue(a)
    assert Fraction(low) <= 16 <= Fraction(high)
    assert high / low - 1 < 1e-12


@pytest.mark.parametrize("seed", range(5))
def test_the_upper_end_passes_an_exact_test(seed):
    """λI − aᵀa is definite at λ = high and not at low, in rational arithmetic by elimination."""
    a = torch.randn(6, 4, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    low, high = largest_eigenvalue(a)
    rows = [[Fraction(float(x)) for x in row] for row in a]
    gram = [[sum(r[i] * r[j] for r in rows) for j in range(4)] for i in range(4)]

    def definite(shift):
        m = [[shift * (i == j) - gram[i][j] for j in range(4)] for i in range(4)]
        for k in range(4):
            if m[k][k] <= 0:
                return False
            for i in range(k + 1, 4):
                factor = m[i][k] / m[k][k]
                m[i] = [x - factor * y for x, y in zip(m[i], m[k], strict=True)]
        return True

    assert definite(Fraction(high))
    assert not definite(Fraction(low))
    assert high / low - 1 < 1e-12


def test_constants_of_the_literature_data():
    found = convex_range(logistic(0.5))
    assert found.low <= found.high
    assert found.low == pytest.approx(3.3156, abs=5e-5)
    least = convex_range(make_setup(*squares(0.1)))
    assert least.low / 2 == pytest.approx(4.0151, abs=5e-5)
    assert least.sharp


@pytest.mark.parametrize(("factor", "verdict"), [(0.999, Verdict.PASS), (1.001, Verdict.FAIL)])
def test_two_over_L_is_sharp_for_least_squares(factor, verdict):
    L = convex_range(make_setup(*squares(0.1))).low
    report = validate(*squares(factor * 2 / L), steps=10, probes=6)
    assert report.verdict is verdict
    assert "range" in report.judgement.reason


@pytest.mark.parametrize(("lr", "verdict"), [(0.5, Verdict.PASS), (5.0, Verdict.WARN)])
def test_logistic_regression_outside_is_outside_the_guarantee_only(lr, verdict):
    setup = logistic(lr)
    found = convex_range(setup)
    judgement = found.judgement()
    assert judgement.verdict is verdict
    if verdict is Verdict.WARN:
        assert "outside the guarantee" in judgement.reason
        assert found.lr > 2 / found.high


def test_softmax_and_a_bias_count():
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(40, 5, generator=generator)
    model = nn.Linear(5, 3)
    setup = make_setup(
        model, torch.optim.SGD(model.parameters(), lr=0.1), [(x, torch.arange(40) % 3)], nn.CrossEntropyLoss()
    )
    found = convex_range(setup)
    wide = torch.cat([x, torch.ones(40, 1)], 1).double()
    assert found.low == pytest.approx(0.5 * float(torch.linalg.eigvalsh(wide.mT @ wide)[-1]) / 40, rel=1e-9)


def test_the_hessian_never_exceeds_L():
    generator = torch.Generator().manual_seed(1)
    x, y = torch.randn(30, 4, generator=generator).double(), torch.arange(30) % 3
    model = nn.Linear(4, 3).double()
    found = convex_range(
        make_setup(model, torch.optim.SGD(model.parameters(), lr=0.1), [(x, y)], nn.CrossEntropyLoss())
    )

    def f(flat):
        return nn.functional.cross_entropy(x @ flat[:12].reshape(3, 4).mT + flat[12:], y)

    for seed in range(5):
        point = torch.randn(15, generator=torch.Generator().manual_seed(seed)).double()
        hessian = torch.autograd.functional.hessian(f, point)
        assert float(torch.linalg.eigvalsh(hessian)[-1]) <= found.high


def test_what_is_not_covered_is_not_claimed():
    assert convex_range(make_setup(*squares(0.1, momentum=0.9))) is None
    model = nn.Sequential(nn.Linear(10, 3), nn.Linear(3, 1))
    assert convex_range(make_setup(model, torch.optim.SGD(model.parameters()), [diabetes()], nn.MSELoss())) is None
    with pytest.raises(ValueError, match="one linear layer"):
        convex_range(make_setup(model, torch.optim.SGD(model.parameters()), [diabetes()], nn.MSELoss()), "logistic")
    with pytest.raises(ValueError, match="convex loss 'round' is unknown"):
        convex_range(logistic(0.1), "round")


def test_a_loss_by_name():
    def own(model, batch):
        return nn.functional.softplus(-(2 * batch[1] - 1) * model(batch[0])).mean()

    assert convex_range(logistic(0.5, own)) is None
    assert convex_range(logistic(0.5, own), "logistic").low == convex_range(logistic(0.5)).low


def test_a_wrong_name_is_contradicted_by_the_run():
    def own(model, batch):
        return 100 * nn.functional.mse_loss(model(batch[0]), batch[1])

    model, optimizer, data, _ = squares(1e-3)
    report = validate(model, optimizer, data, own, convex="least-squares", steps=10, probes=6)
    assert report.verdict is Verdict.INCONCLUSIVE
    assert "not the least-squares loss" in report.judgement.reason


def test_mini_batches_are_said_not_to_be_covered():
    x, y = diabetes()
    model = nn.Linear(10, 1, bias=False)
    data = [(x[:200], y[:200]), (x[200:400], y[200:400])]
    found = convex_range(make_setup(model, torch.optim.SGD(model.parameters(), lr=0.01), data, nn.MSELoss()))
    assert not found.full_batch
    assert "not covered" in found.judgement().reason
