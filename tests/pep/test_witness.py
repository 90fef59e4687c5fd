"""Worst-case functions: they interpolate, belong to their class, and declared methods attain the certified value."""

import json
from fractions import Fraction as Q

import numpy as np
import pytest
import torch

from certify.assumptions.convex import Convex
from certify.assumptions.lipschitz_convex import LipschitzConvex
from certify.assumptions.pl import PolyakLojasiewicz
from certify.assumptions.smooth import Smooth
from certify.assumptions.smooth_convex import SmoothConvex
from certify.assumptions.smooth_strongly_convex import SmoothStronglyConvex
from certify.assumptions.strongly_convex import StronglyConvex
from certify.language import GAP, GRADIENT, best
from certify.methods.fgm import FastGradient
from certify.methods.gd import GradientDescent
from certify.methods.pgm import ProximalGradient
from certify.methods.ppm import ProximalPoint
from certify.methods.subgradient import Subgradient
from certify.pep import Model, norm2
from certify.pep.engine.problem import as_fraction
from certify.pep.engine.solve import solve
from certify.pep.questions import question
from certify.pep.runs import answer, pose
from certify.pep.witness import NoWitness, Witness, interpolant, ldl, replay
from certify.pep.witness.simplex import minimise
from certify.simulate.functions import UnsupportedOracle
from certify.simulate.recorded import Recorded

RUNS = {
    "gd": (GradientDescent, SmoothConvex, {"L": 2, "gamma": "3/4"}, 3, "gap", "distance"),
    "gd-long": (GradientDescent, SmoothConvex, {"L": 1, "gamma": "3/2"}, 2, "gap", "distance"),
    "gd-gradient": (GradientDescent, SmoothConvex, {"L": 1, "gamma": 1}, 3, "gradient", "distance"),
    "gd-strong": (GradientDescent, SmoothStronglyConvex, {"L": 1, "mu": "1/10", "gamma": 1}, 3, "gap", "distance"),
    "gd-nonconvex": (GradientDescent, Smooth, {"L": 1, "gamma": 1}, 3, best(GRADIENT), "gap"),
    "fast": (FastGradient, SmoothConvex, {"L": 1}, 4, "gap", "distance"),
    "ppm": (ProximalPoint, Convex, {"gamma": 1}, 4, "gap", "distance"),
    "ppm-strong": (ProximalPoint, StronglyConvex, {"gamma": 1, "mu": "1/2"}, 2, "distance", "distance"),
    "subgradient": (Subgradient, LipschitzConvex, {"M": 1, "gamma": "1/2"}, 3, best(GAP), "distance"),
}


@pytest.fixture(scope="module", params=list(RUNS))
def played(request):
    method, assumption, values, steps, measure, initial = RUNS[request.param]
    posed = pose(question(method, assumption, values, steps=steps, measure=measure, initial=initial))
    return posed, answer(posed)


@pytest.fixture(scope="module")
def case(played):
    """A witness, its function in the model, and the interpolant."""
    witness = Witness.of(played[0].model, played[1])
    (f,) = witness.functions
    return witness, f, interpolant(witness, f)


def row(vector) -> torch.Tensor:
    return torch.as_tensor(np.asarray(vector))[None, :]


def test_methods_attain_the_certified_value_on_the_worst_function(played):
    posed, bound = played
    found = replay(posed, bound)
    assert found.certified == bound.lower
    assert found.error < 1e-6
    assert found.initial <= float(found.bound) + 1e-9


def test_the_witness_reproduces_the_gram_matrix(case):
    witness, f, _ = case
    x, y = f.evaluations[0].point, f.evaluations[-1].point
    exact = witness.value(norm2(x - y))
    difference = witness.coordinates(x) - witness.coordinates(y)
    assert isinstance(exact, Q)
    assert difference @ difference == pytest.approx(float(exact), abs=1e-12)
    direct = sum(d * (a - b) ** 2 for d, a, b in zip(witness.squares, witness.exact(x), witness.exact(y), strict=True))
    assert direct == exact
    assert witness.widths.shape == (witness.dimension,)


def test_gradient_descent_has_a_worst_case_on_the_line():
    """The Huber function (short steps) and the quadratic (long steps) are one-dimensional."""
    for gamma in ("1", "19/10"):
        posed = pose(
            question(
                GradientDescent, SmoothConvex, {"L": 1, "gamma": gamma}, steps=1, measure="gap", initial="distance"
            )
        )
        witness = Witness.of(posed.model, answer(posed))
        assert witness.widths[0] > 0.5
        assert witness.widths[1:].max() < 1e-3


def test_the_function_interpolates(case):
    witness, f, function = case
    for record in witness.records(f):
        x = row(witness.floats(record.point))
        assert float(function.value(x)) == pytest.approx(float(record.value), abs=1e-9)
        if record.gradient is not None:
            g = function.subgradient(x)[0].numpy()
            assert np.abs(g - witness.floats(record.gradient)).max() < 1e-6


def test_the_function_belongs_to_its_class(case, rng):
    """Both curvatures, on random pairs: μ/2 ‖d‖² ≤ f(y) − f(x) − ⟨∇f(x), d⟩ ≤ L/2 ‖d‖²."""
    witness, f, function = case
    constants = {s: float(v) for a in f.assumptions for s, v in a.values.items()}
    smooth = constants.get("L")
    low = -smooth if any(isinstance(a, Smooth) for a in f.assumptions) else constants.get("mu", 0.0)
    for _ in range(40):
        x = row(rng.normal(size=max(witness.dimension, 1)))
        y = x + rng.choice([1e-2, 0.3, 3.0]) * row(rng.normal(size=x.shape[1]))
        g = function.subgradient(x)
        square = float(((y - x) ** 2).sum())
        rest = float(function.value(y) - function.value(x)) - float((g * (y - x)).sum())
        assert rest >= low / 2 * square - 1e-9
        if smooth:
            assert rest <= smooth / 2 * square + 1e-9
        if "M" in constants:
            assert float(g.norm()) <= constants["M"] + 1e-9


def test_gradients_are_derivatives(case, rng):
    witness, _, function = case
    for _ in range(10):
        x = row(rng.normal(size=max(witness.dimension, 1)))
        d = row(rng.normal(size=x.shape[1]))
        numeric = float(function.value(x + 1e-5 * d) - function.value(x - 1e-5 * d)) / 2e-5
        assert numeric == pytest.approx(float((function.subgradient(x) * d).sum()), abs=1e-4)


def test_proximal_points_are_minimisers(case, rng):
    witness, _, function = case
    gamma = 0.3
    for _ in range(10):
        x = row(rng.normal(size=max(witness.dimension, 1)))
        u = function.prox(x, gamma)
        value = float(function.value(u)) + float(((u - x) ** 2).sum()) / (2 * gamma)
        for size in (1e-4, 1e-1):
            z = u + size * row(rng.normal(size=x.shape[1]))
            assert float(function.value(z)) + float(((z - x) ** 2).sum()) / (2 * gamma) >= value - 1e-10
        if "gradient" in function.oracles:
            assert float(((x - u) / gamma - function.subgradient(u)).norm()) < 1e-8


def test_the_minimum_is_the_lowest_value(case, rng):
    witness, _, function = case
    for _ in range(60):
        x = row(rng.choice([0.3, 3.0]) * rng.normal(size=max(witness.dimension, 1)))
        assert float(function.value(x)) >= float(function.minimum) - 1e-9
    assert float(function.value(function.minimizer)) == pytest.approx(float(function.minimum), abs=1e-9)


def test_export(case):
    witness, f, _ = case
    data = json.loads(json.dumps(witness.to_json()))
    (entry,) = data["functions"].values()
    count = len(f.evaluations)
    assert {len(entry[k]) for k in ("labels", "points", "gradients", "values")} == {count}
    assert all(len(x) == data["dimension"] for x in entry["points"])
    exact = json.loads(json.dumps(witness.to_json(exact=True)))
    assert Q(exact["value"]) == witness.attained.value
    assert tuple(map(Q, exact["squares"])) == witness.squares
    assert tuple(map(Q, exact["functions"][f.name]["points"][-1])) == witness.exact(f.evaluations[-1].point)


@pytest.fixture
def rng():
    return np.random.default_rng(7)


def hand_written(assumption=None, **options):
    m = Model()
    f = m.function(assumption or SmoothConvex(L=1))
    x0 = m.point("x0")
    m.suppose(norm2(x0 - f.minimizer) <= 1)
    m.maximise(f(x0 - f.gradient(x0)) - f.minimum)
    return m, f


def test_a_witness_of_a_problem_solved_in_its_own_coordinates():
    m, f = hand_written()
    witness = Witness.of(m, solve(m.problem()))
    function = interpolant(witness, f)
    x0 = row(witness.coordinates(next(e.point for e in f.evaluations if e.label == "x0")))
    x1 = x0 - function.subgradient(x0)
    assert float(function.value(x1) - function.minimum) == pytest.approx(1 / 6, rel=1e-6)


def test_the_resisting_oracle_answers_as_recorded():
    """Two recorded subgradients at one point of |x|-like data: the nearest record wins."""
    posed = pose(
        question(Subgradient, LipschitzConvex, {"M": 1, "gamma": "1/2"}, steps=3, measure=best(GAP), initial="distance")
    )
    witness = Witness.of(posed.model, answer(posed))
    (f,) = witness.functions
    function = interpolant(witness, f)
    for record in witness.records(f):
        nudged = row(witness.floats(record.point) + 1e-13)
        assert np.abs(function.subgradient(nudged)[0].numpy() - witness.floats(record.gradient)).max() < 1e-6
    with pytest.raises(UnsupportedOracle):
        getattr(function, "_refuse")("gradient")  # noqa: B009


def test_ball_prox_of_a_worst_function(rng):
    m, f = hand_written()
    witness = Witness.of(m, m.solve())
    function = interpolant(witness, f)
    x = row(witness.coordinates(f.evaluations[-1].point)) + row(rng.normal(size=witness.dimension))
    u, g = function.brox(x, 0.2)
    assert float((x - u).norm()) == pytest.approx(0.2, abs=1e-9)
    assert float((g - function.subgradient(u)).norm()) < 1e-6


def test_rows_can_be_taken_and_moved():
    m, f = hand_written()
    function = interpolant(Witness.of(m, m.solve()), f)
    x = function.minimizer + 1.0
    again = function.take(torch.tensor([0, 0])).to("cpu")
    assert torch.equal(again.value(x.repeat(2, 1)), function.value(x).repeat(2, 1))


def test_no_witness_without_a_worst_case():
    m, _ = hand_written()
    with pytest.raises(NoWitness, match="no exact worst case"):
        Witness.of(m, m.solve(lower=False))


def test_no_witness_for_another_model():
    m, _ = hand_written()
    other = Model()
    other.function(SmoothConvex(L=1))
    with pytest.raises(NoWitness, match="another model"):
        Witness.of(other, m.solve())


@pytest.mark.parametrize("assumptions", [(PolyakLojasiewicz(L=1, mu=Q(1, 2)),), (Convex(), SmoothConvex(L=1))])
def test_no_function_without_a_formula(assumptions):
    m, f = hand_written()
    witness = Witness.of(m, m.solve())
    f.assumptions = assumptions
    with pytest.raises(NoWitness, match="no explicit function"):
        interpolant(witness, f)


def test_prox_of_a_nonconvex_function_needs_a_short_step():
    posed = pose(
        question(GradientDescent, Smooth, {"L": 1, "gamma": 1}, steps=1, measure=best(GRADIENT), initial="gap")
    )
    witness = Witness.of(posed.model, answer(posed))
    function = interpolant(witness, witness.functions[0])
    with pytest.raises(ValueError, match="γ < 1/L"):
        function.prox(function.minimizer, 1.0)


def test_exact_factorisation():
    gram = {(0, 0): Q(1), (0, 1): Q(1, 2), (1, 1): Q(1, 4), (1, 2): Q(0), (2, 2): Q(3)}
    from flint import fmpq

    squares, rows = ldl({k: fmpq(v.numerator, v.denominator) for k, v in gram.items()}, 3)
    assert len(squares) == 2
    for (i, j), c in gram.items():
        parts = zip(squares, rows[i], rows[j], strict=True)
        assert sum(as_fraction(d * x * y) for d, x, y in parts) == c
    with pytest.raises(NoWitness):
        ldl({(0, 0): fmpq(-1)}, 1)
    with pytest.raises(NoWitness):
        ldl({(0, 1): fmpq(1), (1, 1): fmpq(1)}, 2)


@pytest.mark.parametrize("seed", range(5))
def test_quadratics_over_the_simplex(seed):
    """The Frank–Wolfe gap of the answer vanishes, for singular and regular matrices."""
    generator = np.random.default_rng(seed)
    for n, rank in ((1, 1), (4, 2), (12, 5), (30, 30)):
        factor = generator.normal(size=(n, rank))
        hessian, linear = factor @ factor.T, generator.normal(size=n)
        alpha = minimise(hessian, linear)
        slope = hessian @ alpha + linear
        assert alpha.min() >= 0
        assert alpha.sum() == pytest.approx(1, abs=1e-12)
        assert slope @ alpha - slope.min() < 1e-11


def test_composite_methods_attain_their_worst_case():
    posed = pose(
        question(
            ProximalGradient,
            {"f": SmoothConvex, "h": Convex},
            {"L": 1, "gamma": 1},
            steps=2,
            measure="gap",
            initial="distance",
        )
    )
    found = replay(posed, answer(posed))
    assert found.error < 1e-6
    assert found.attained == pytest.approx(1 / 8, rel=1e-6)


def test_worst_functions_serve_trajectories(played):
    """They keep the contract of test functions, so that everything that runs on those runs on them."""
    posed, bound = played
    witness = Witness.of(posed.model, bound)
    function = interpolant(witness, witness.functions[0])
    f = Recorded(function, {s: float(v) for s, v in posed.question.values.items()})
    x = function.minimizer + 0.5
    value = f.value(x)
    assert value.shape == (1, 1)
    assert torch.equal(f.subgradient(x), function.subgradient(x))
    u = f.prox(x, torch.full((1, 1), 0.25, dtype=torch.float64))
    assert float((f.subgradient(u) - (x - u) / 0.25).norm()) == 0
    assert function.satisfies <= function.may_satisfy | {"smooth"}
    assert function.sample(batch=2, dimension=3, generator=torch.Generator()) == []
