"""Worst cases of declared methods: what is modelled, what comes out, what is refused, what certificates establish."""

import json
import re
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from certify.analysis.worst_cases import verified
from certify.assumptions.convex import Convex
from certify.assumptions.lipschitz_convex import LipschitzConvex
from certify.assumptions.smooth import Smooth
from certify.assumptions.smooth_convex import SmoothConvex
from certify.assumptions.smooth_strongly_convex import SmoothStronglyConvex
from certify.assumptions.strongly_convex import StronglyConvex
from certify.kernel import Malformed, Rejected
from certify.language import DISTANCE, GAP, Horizon, Method, NonNegative, Positive, measure, norm2, root
from certify.methods.gd import GradientDescent
from certify.methods.ppm import ProximalPoint
from certify.methods.subgradient import Subgradient
from certify.pep import BadQuestion, worst_case
from certify.pep.certificates import to_json
from certify.pep.questions import evaluate, question
from certify.pep.runs import answer, pose


class State(NamedTuple):
    x: Any
    left: int


class Late(Method):
    """x⁺ = prox_h(x − ∇f(x)/L), and a last step of another length."""

    name = "late"
    functions = ("f", "h")
    last = Positive("gamma", "last step")
    shift = NonNegative("s", "nothing")
    horizon_ = Horizon("K", "number of steps")

    def start(self, x: Any, f: Any, h: Any) -> State:
        return State(x, self.horizon_)

    def step(self, state: State, f: Any, h: Any) -> State:
        γ = self.last if state.left == 1 else Fraction(1)
        return State(h.prox(state.x - γ * f.gradient(state.x), γ), state.left - 1)

    def output(self, state: State) -> Any:
        return state.x


class Irrational(GradientDescent):
    """x⁺ = x − ∇f(x)/√L."""

    name = "irrational"

    def step(self, x: Any, f: Any) -> Any:
        return x - f.gradient(x) / root(f.L) * self.step_size


def ask(method, assumptions, values, **options):
    return question(method, assumptions, values, **{"steps": 1, "measure": "gap"} | options)


@pytest.mark.parametrize(
    ("method", "assumption", "values", "options", "expected"),
    [
        (GradientDescent, SmoothConvex, {"L": 2, "gamma": "1/L"}, {"steps": 2}, Fraction(1, 5)),
        (
            GradientDescent,
            SmoothConvex,
            {"L": 1, "gamma": "1.5"},
            {"steps": 1, "initial": "distance<=4"},
            Fraction(1, 2),
        ),
        (
            GradientDescent,
            SmoothStronglyConvex,
            {"L": 1, "mu": "1/10", "gamma": "2/(L + mu)"},
            {"measure": "gradient", "initial": "gradient <= 1"},
            Fraction(81, 121),
        ),
        (GradientDescent, Smooth, {"L": 1, "gamma": 1}, {"measure": "best-gradient", "initial": "gap"}, Fraction(4, 5)),
        (ProximalPoint, Convex, {"gamma": 1}, {"steps": 2, "measure": "subgradient-squared"}, Fraction(1, 4)),
        (ProximalPoint, StronglyConvex, {"gamma": 1, "mu": 1}, {"measure": DISTANCE}, Fraction(1, 4)),
        (Subgradient, LipschitzConvex, {"M": 1, "gamma": "1/2"}, {"steps": 3, "measure": "best-gap"}, Fraction(1, 2)),
        (GradientDescent, SmoothConvex, {"L": 1, "gamma": 1}, {"measure": "step"}, Fraction(1)),
    ],
)
def test_known_worst_cases_lie_in_the_interval(method, assumption, values, options, expected):
    bound = worst_case(method, assumption, values, **{"steps": 1, "measure": "gap"} | options)
    assert bound.lower is not None
    assert bound.upper is not None
    assert bound.lower <= expected <= bound.upper
    assert bound.upper - bound.lower < Fraction(1, 10**5)
    assert set(bound.seconds) >= {"model", "solve", "round", "check"}


def test_values_may_come_with_the_method_and_the_assumptions():
    plain = question(GradientDescent, SmoothConvex, {"L": 2, "gamma": "1/L"}, steps=1, measure=GAP)
    bound = question(GradientDescent(gamma=Fraction(1, 2)), SmoothConvex(L=2), steps=1, measure=GAP)
    assert plain.values == bound.values == {"gamma": Fraction(1, 2), "L": 2}
    assert pose(plain).model.problem() == pose(bound).model.problem()


def test_a_question_is_posed_the_same_every_time():
    asked = ask(Late, (SmoothConvex, Convex), {"L": 1, "gamma": 1, "s": 0}, steps=3)
    first, second = (pose(asked).model.problem() for _ in range(2))
    assert first == second


def test_roles_state_and_horizon():
    asked = ask(
        Late, {"f": SmoothConvex, "h": [SmoothConvex]}, {"f.L": 1, "h.L": 3, "gamma": "f.L/h.L", "s": 0}, steps=2
    )
    assert asked.method.last == Fraction(1, 3)
    assert asked.method.horizon_ == 2
    assert asked.constants == [{"L": 1}, {"L": 3}]
    run = pose(asked).run
    assert [state.left for state in run.states] == [2, 1, 0]
    assert run.role("h") is run.functions[1]


def test_the_start_is_the_solution_plus_a_fresh_vector():
    run = pose(ask(GradientDescent, SmoothConvex, {"L": 1, "gamma": 1})).run
    assert len((run.points[0] - run.solution).coefficients) == 1


def test_roundings_are_counted():
    assert pose(ask(Irrational, SmoothConvex, {"L": 2, "gamma": 1}, steps=3)).rounded == 3
    assert pose(ask(Irrational, SmoothConvex, {"L": 4, "gamma": 1}, steps=3)).rounded == 0


def test_own_measures():
    lyapunov = measure("energy", "‖{x} − x⋆‖² + ‖∇f({x})‖²", lambda run, k: _energy(run, k))
    bound = worst_case(
        GradientDescent,
        SmoothStronglyConvex,
        {"L": 1, "mu": "1/2", "gamma": 1},
        steps=1,
        measure=lyapunov,
        initial=lyapunov,
    )
    assert bound.lower <= Fraction(1, 4) <= bound.upper


def _energy(run, k):
    x = run.points[k]
    return norm2(x - run.solution) + norm2(run.functions[0].gradient(x))


def test_claims_are_those_about_the_question():
    asked = ask(GradientDescent, SmoothStronglyConvex, {"L": 1, "mu": "1/2", "gamma": "3/2"}, steps=2)
    assert [row.name for row, _ in asked.claims()] == ["gap-rate-all-steps", "gap-rate-nesterov", "gap-from-distance"]
    assert not list(ask(GradientDescent, SmoothConvex, {"L": 1, "gamma": 1}, measure="step").claims())


def test_formulas_use_only_what_they_need():
    assert evaluate("2/L", {"L": 4, "gamma": "1/unknown"}) == Fraction(1, 2)


GD = (GradientDescent, SmoothConvex)
ONE = {"L": 1, "gamma": 1}


@pytest.mark.parametrize(
    ("method", "assumptions", "values", "options", "message"),
    [
        (*GD, {"L": 1}, {}, "gd needs a number for gamma"),
        (*GD, {"gamma": 1}, {}, "gd needs a number for L"),
        (*GD, ONE | {"mu": 1}, {}, "'mu' is no parameter of gd or its assumptions (gamma, N, L, f.L)"),
        (*GD, {"L": 1, "gamma": "1/K"}, {}, "unknown name 'K'"),
        (*GD, {"L": "gamma", "gamma": "L"}, {}, "depends on"),
        (*GD, {"L": 1, "gamma": "1/(L-L)"}, {}, "division by zero"),
        (*GD, {"L": 1, "gamma": 0.5}, {}, "floating-point"),
        (*GD, {"L": 1, "gamma": 0}, {}, "gd: gamma must be positive, not 0"),
        (*GD, {"L": -1, "gamma": 1}, {}, "smooth-convex: L must be positive, not -1"),
        (*GD, ONE, {"steps": 0}, "the number of steps must be a whole number from 1 to 1000, not 0"),
        (*GD, ONE, {"steps": 1.0}, "must be a whole number"),
        (*GD, ONE, {"measure": "gapp"}, "there is no measure 'gapp'"),
        (*GD, ONE, {"initial": "distance <= -1"}, "is negative"),
        (GradientDescent, SmoothStronglyConvex, ONE | {"mu": 2}, {}, "needs μ < L"),
        (GradientDescent, (), ONE, {}, "nothing is assumed of f"),
        (GradientDescent, "smooth", ONE, {}, "'smooth' is no assumption on f"),
        (GradientDescent, {"g": SmoothConvex}, ONE, {}, "gd has no role 'g'; it has f"),
        (Late, SmoothConvex, ONE, {}, "late works on f, h: give one assumption for each of them"),
        (Late, (SmoothConvex, Convex), ONE, {}, "late needs a number for s"),
        (Late, (SmoothConvex, Convex), ONE | {"s": 0, "K": 5}, {}, "K is the number of steps, 1, not 5"),
    ],
)
def test_bad_questions_get_one_sentence(method, assumptions, values, options, message):
    with pytest.raises(BadQuestion, match=re.escape(message)) as caught:
        ask(method, assumptions, values, **options)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("options", [{"initial": "best-step"}, {"initial": "step"}, {"measure": "residual"}])
def test_what_cannot_be_modelled_is_refused(options):
    with pytest.raises(BadQuestion, match="gd cannot be modelled"):
        pose(ask(*GD, ONE, **options))


@pytest.fixture(scope="module")
def saved() -> dict[str, Any]:
    asked = ask(*GD, {"L": 1, "gamma": "1/2"}, steps=2)
    data = to_json(asked, answer(pose(asked)))
    assert data is not None
    return json.loads(json.dumps(data))


def check(data):
    return verified(data, kernel_only=False, files={})


def test_certificates_are_traced_and_checked(saved):
    name, sentences = check(saved)
    assert name == "gd/gap after 2 steps"
    assert [s.partition(":")[0] for s in sentences[1:]] == ["upper end", "lower end"]
    assert len(verified(saved, kernel_only=True, files={})[1]) == 2


TAMPERED = [
    (("claim", "values", "gamma"), "1", "not one of the declaration's|quantities"),
    (("claim", "measure"), "distance", "declaration"),
    (("claim", "bound"), "4", "not one of the declaration's"),
    (("claim", "steps"), 3, "declaration"),
    (("claim", "method"), "ppm", "cannot be posed|declaration"),
    (("claim", "values", "nu"), "1", "cannot be posed"),
    (("upper", "bound"), "1/1000", "weaker bound"),
    (("attained", "value"), "1/2", "another value"),
    (("attained", "gram"), {}, "violated|another value"),
]


@pytest.mark.parametrize(("path", "value", "message"), TAMPERED)
def test_tampered_certificates_are_rejected(saved, path, value, message):
    with pytest.raises(Rejected, match=message):
        check(_with(saved, path, value))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("upper", "bound"), 0.1),
        (("upper", "bound"), "1/0"),
        (("upper", "bound"), "9" * 5_000),
        (("upper", "multipliers"), []),
        (("upper", "extra"), {}),
        (("problem", "vectors"), ["a" * 500]),
        (("schema",), "certify/worst-case/2"),
        (("claim", "steps"), "2"),
        (("claim", "values"), {"L": "one"}),
        (("surprise",), 1),
    ],
)
def test_malformed_files_are_told_in_one_sentence(saved, path, value):
    with pytest.raises(Malformed) as caught:
        check(_with(saved, path, value))
    assert "\n" not in str(caught.value)


def _with(data, path, value):
    copy = json.loads(json.dumps(data))
    place = copy
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return copy


def test_the_documentation_runs():
    text = (Path(__file__).resolve().parents[2] / "docs" / "worst-case.md").read_text(encoding="utf-8")
    examples = re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    assert len(examples) == 5
    for example in examples:
        exec(compile(example, "worst-case.md", "exec"), {"__name__": "example"})  # noqa: S102 (the documentation's own)


def test_assumptions_of_the_only_role_may_be_given_as_those_of_several() -> None:
    answers = [
        worst_case(GradientDescent, assumed, {"L": 1, "gamma": 1}, steps=1, measure="gap").upper
        for assumed in (SmoothConvex, (SmoothConvex,), ((SmoothConvex,),), [SmoothConvex])
    ]
    assert answers == [answers[0]] * 4


def mean_distance(run, k):
    return sum(norm2(x - run.solution) for x in run.points[k]) / len(run.points[k])


class Reshuffled(Method):
    """Both orders of two proximal steps at once, as a user writes it first; the functions share a minimiser."""

    name = "reshuffled"
    functions = ("f1", "f2")
    measures = (measure("mean-distance", "E‖{x} − x⋆‖²", mean_distance),)

    def start(self, x, *functions):
        return (x, x)

    def step(self, states, f1, f2):
        first, second = states
        return f2.prox(f1.prox(first, 1), 1), f1.prox(f2.prox(second, 1), 1)

    def solution(self, f1, f2):
        f2.known(f1.minimizer, None, 0 * f1.minimizer)
        return f1.minimizer


def test_measures_of_a_method_have_names() -> None:
    asked = {"assumptions": [SmoothConvex] * 2, "values": {"L": 1}, "steps": 1}
    bound = worst_case(Reshuffled, **asked, measure="mean-distance", initial="mean-distance")
    assert bound.verdict.word == "certified"
    with pytest.raises(BadQuestion, match="'distance' is of one point, and its output is several"):
        worst_case(Reshuffled, **asked, measure="mean-distance")
    with pytest.raises(BadQuestion, match=r"no measure 'mean'; there are .*mean-distance"):
        question(Reshuffled, **asked, measure="mean")
