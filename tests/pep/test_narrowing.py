"""Lower ends of relaxations: under narrower conditions they certainly occur."""

import json
from fractions import Fraction
from math import sqrt

import numpy as np
import pytest
from flint import fmpq

from certify.analysis.catalogue import load_assumption, load_method
from certify.assumptions.cocoercive_strongly_monotone import CocoerciveStronglyMonotone
from certify.assumptions.lipschitz import Lipschitz
from certify.assumptions.lipschitz_monotone import LipschitzMonotone
from certify.assumptions.lipschitz_strongly_monotone import LipschitzStronglyMonotone
from certify.assumptions.monotone import Monotone
from certify.assumptions.nonexpansive import Nonexpansive
from certify.assumptions.smooth import Smooth
from certify.assumptions.smooth_convex import SmoothConvex
from certify.assumptions.smooth_strongly_convex import SmoothStronglyConvex
from certify.assumptions.strongly_monotone import StronglyMonotone
from certify.kernel import Rejected
from certify.language import Assumption
from certify.pep import Model, norm2
from certify.pep.certificates import to_json, verify
from certify.pep.engine.bounds import Bound
from certify.pep.modelling.narrowing import Reached
from certify.pep.modelling.turned import Turned
from certify.pep.questions import question
from certify.pep.runs import answer, pose, worst_case

Q = Fraction
CLOSE = Q(1, 10**5)


def ends(bound: Bound) -> tuple[Fraction, Fraction]:
    """Both ends, which there must be."""
    assert bound.lower is not None
    assert bound.upper is not None
    return bound.lower, bound.upper


def ratio(*assumptions: Assumption, gamma: object, steps: int = 1, extra: bool = False) -> Model:
    """The contraction of forward steps, or of extragradient steps, measured by the distance to a zero."""
    model = Model()
    A = model.operator(*assumptions)
    x = x0 = model.point("x0")
    for _ in range(steps):
        x = x - Q(gamma) * A(x - Q(gamma) * A(x) if extra else x)
    model.maximise(norm2(x - A.zero), relative_to=norm2(x0 - A.zero))
    return model


def searches(N: int, mu: object = "1/10", convex: bool = True) -> Model:
    """Gradient descent with exact line search."""
    model = Model()
    f = model.function(SmoothStronglyConvex(L=1, mu=mu) if convex else Smooth(L=1))
    x = x0 = model.point("x0")
    model.suppose(f(x0) - f.minimum <= 1)
    for _ in range(N):
        x = f.span_search(x, f.gradient(x))
    model.maximise(f(x) - f.minimum)
    return model


def splitting() -> Model:
    """Two runs of Douglas–Rachford, for a Lipschitz and a strongly monotone operator."""
    model = Model()
    A, B = model.operator(LipschitzMonotone(L=1), name="A"), model.operator(StronglyMonotone(mu=1), name="B")
    starts, ends = [model.point("w0"), model.point("w1")], []
    for w in starts:
        x = B.resolvent(w, 1)
        ends.append(w - x + A.resolvent(2 * x - w, 1))
    model.maximise(norm2(ends[0] - ends[1]), relative_to=norm2(starts[0] - starts[1]))
    return model


@pytest.mark.parametrize(
    ("model", "value"),
    [
        (ratio(LipschitzStronglyMonotone(L=1, mu="1/4"), gamma="1/3", steps=3), (1 - 1 / 6 + 1 / 9) ** 3),
        (ratio(Lipschitz(L=2), StronglyMonotone(mu="1/2"), gamma="1/5", steps=2), (1 - 1 / 5 + 4 / 25) ** 2),
        (ratio(CocoerciveStronglyMonotone(beta=1, mu="1/4"), gamma="1/2", steps=2), (1 - 1 / 4 + 1 / 16) ** 2),
        (ratio(LipschitzMonotone(L=1), gamma="1/2", extra=True), 1.0),
        (splitting(), (3 + sqrt(5)) / 8),
        (searches(2), (9 / 11) ** 4),
        (searches(1, "1/2"), 1 / 9),
    ],
    ids=["strongly", "several", "cocoercive", "extragradient", "splitting", "search", "one search"],
)
def test_a_known_worst_case_is_reached(model: Model, value: float) -> None:
    bound = model.solve()
    assert bound.problem.relaxations
    assert bound.narrowed
    low, high = ends(bound)
    assert float(low) <= value * (1 + 1e-9)
    assert value <= float(high) * (1 + 1e-9)
    assert high - low <= CLOSE * high


@pytest.mark.parametrize("steps", [2, 3])
def test_the_lower_end_is_what_a_run_with_a_complex_number_attains(steps: int) -> None:
    model, γ = Model(), Q(1, 2)
    A = model.operator(LipschitzMonotone(L=1))
    x = x0 = model.point("x0")
    for _ in range(steps):
        x = x - γ * A(x - γ * A(x))
    model.maximise(norm2(A(x)), relative_to=norm2(x0 - A.zero))
    bound = model.solve()
    ((a, q),) = bound.narrowed
    assert a >= 0
    assert a**2 <= q <= 1
    z, y = complex(a, sqrt(q - a**2)), 1 + 0j
    for _ in range(steps):
        y -= 0.5 * z * (y - 0.5 * z * y)
    low, high = ends(bound)
    assert abs(z * y) ** 2 == pytest.approx(float(low), rel=1e-5)
    assert low < high * Q(99, 100)  # the relaxation is not tight, and that is not hidden


def test_equations_hold_for_multiples_of_rotations_and_for_nothing_else() -> None:
    random = np.random.default_rng(0)
    model = ratio(LipschitzMonotone(L=1), gamma="1/2", steps=3)
    model.problem()
    (narrowing,) = model.narrowings() or []
    assert isinstance(narrowing, Turned)
    a, b = Q(1, 4), Q(1, 2)
    J = np.kron(np.eye(2), [[0, -1], [1, 0]])
    for M, fits in ((float(a) * np.eye(4) + float(b) * J, True), (np.diag([1.0, 0.5, 0.2, 0.1]), False)):
        vectors: dict[int, np.ndarray] = {}
        start = random.normal(size=4)
        for evaluation in narrowing.evaluations:
            first = start if evaluation.output.coefficients else np.zeros(4)  # x0, or x⋆ = 0
            for i in evaluation.point.coefficients:
                vectors.setdefault(i, first)
            x = sum((float(c) * vectors[i] for i, c in evaluation.point.coefficients.items()), np.zeros(4))
            for i in evaluation.output.coefficients:
                vectors.setdefault(i, M @ x)
        values = [
            sum(float(c) * vectors[k[0]] @ vectors[k[1]] for k, c in relation.slack.terms.items())
            for _, relation in narrowing.equations((fmpq(1, 4), fmpq(5, 16)))
        ]
        assert (max(map(abs, values)) < 1e-9) == fits


def test_numbers_outside_the_class_are_refused() -> None:
    model = ratio(LipschitzStronglyMonotone(L=2, mu="1/2"), gamma="1/4", steps=2)
    model.problem()
    (narrowing,) = model.narrowings() or []
    assert narrowing.allowed((fmpq(1, 2), fmpq(4)))
    for a, q in ((fmpq(1, 2), fmpq(5)), (fmpq(1, 4), fmpq(4)), (fmpq(2), fmpq(3)), (fmpq(-1), fmpq(4))):
        assert not narrowing.allowed((a, q))
    assert not narrowing.allowed((fmpq(1, 2),))
    assert all(narrowing.allowed(numbers) for numbers in narrowing.more())


def test_nothing_is_narrowed_where_that_would_not_suffice() -> None:
    class Own(Monotone):
        """Monotone, and more than that."""

        name = "own"
        pairwise = False
        interpolating = False

    nonexpansive = ratio(Nonexpansive(), Lipschitz(L="1/2"), gamma="1/2")
    switched = ratio(LipschitzMonotone(L=1), gamma="1/2")
    switched.switch(switched.problem().inequalities[1].name, on=False)
    for model in (ratio(Own(), LipschitzMonotone(L=1), gamma="1/2"), nonexpansive, switched, searches(1, convex=False)):
        bound = model.solve()
        assert bound.problem.relaxations
        assert model.narrowings() is None
        assert bound.lower is None
        assert not bound.narrowed


def test_a_certificate_carries_the_numbers_and_they_are_checked() -> None:
    def load(name: str, kind: type) -> type:
        return load_assumption(name) if issubclass(kind, Assumption) else load_method(name)

    method = load_method("forward-step")
    values = {"L": 1, "mu": "1/4", "gamma": "1/3"}
    asked = question(method, LipschitzStronglyMonotone, values, steps=2, measure="distance")
    data = json.loads(json.dumps(to_json(asked, answer(pose(asked)))))
    assert any("certainly occurs" in line for line in verify(data, load)[1])
    assert data["narrowed"] == [["1/4", "1"]]
    with pytest.raises(Rejected, match="is violated"):
        verify(data | {"narrowed": [["1/3", "1"]]}, load)
    for wrong in ([["1/4", "2"]], [["0", "1"]], [], [["1/4"]], [["1/4", "1"]] * 2, "1/4", [["a", "b"]], 7):
        with pytest.raises(Rejected, match="narrower conditions"):
            verify(data | {"narrowed": wrong}, load)
    without = {key: value for key, value in data.items() if key != "narrowed"}
    assert any("need not be one of" in line for line in verify(without, load)[1])


def test_a_search_on_a_smooth_convex_function_is_narrowed_with_every_step() -> None:
    model = Model()
    f = model.function(SmoothConvex(L=1))
    x = model.point("x0")
    model.suppose(norm2(x - f.minimizer) <= 1)
    first = f.gradient(x)
    x = f.span_search(x, first)
    x = f.span_search(x, first, f.gradient(x))
    model.maximise(f(x) - f.minimum)
    bound = model.solve()
    assert [len(numbers) for numbers in bound.narrowed] == [1, 2]
    best = 0.5 / ((1 + sqrt(8 * ((1 + sqrt(5)) / 2) ** 2 + 1)) / 2) ** 2  # Drori, Taylor (2020): x0 + span of both
    low, high = map(float, ends(bound))  # that x1 − x0 is in the span of the first gradient is relaxed above
    assert low == pytest.approx(best, rel=1e-6)
    assert low <= best < high


def test_a_search_without_a_solution_to_go_by_is_no_crash():
    """From f(x₀) − f⋆ ≤ 1 nothing is gained in the limit of flat functions, which no function attains."""
    found = worst_case(load_method("span-search"), SmoothConvex, {"L": 1}, steps=3, measure="gap", initial="gap<=1")
    assert found.upper == 1
    assert found.lower is None or found.lower <= 1
    model = Model()
    x, d, u = model.point("x"), model.point("d"), model.point("u")
    reached = Reached("search", u, x, (d,))
    assert reached.guesses(lambda _: float("nan")) == []
    assert reached.guesses(lambda _: float("inf")) == []
    assert reached.guesses(lambda _: 1.0)
