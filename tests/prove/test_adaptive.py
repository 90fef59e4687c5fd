"""AdaGrad and its family: the true theorems are proved and verified, subtly false ones never."""

import json
from dataclasses import replace
from fractions import Fraction as Q
from typing import Any

import pytest

from certify.analysis.bundles import bundle, verify
from certify.analysis.conclude import conclude
from certify.assumptions.bounded_samples import BoundedSamples
from certify.assumptions.smooth_above import SmoothAbove
from certify.kernel import Rejected
from certify.language import DoesNotApply, Method, Scalar, Theorem, UnknownSign, pose, root
from certify.methods.adabelief import AdaBelief
from certify.methods.adagrad import AdaGrad
from certify.methods.adagrad_norm import AdaGradNorm
from certify.methods.adam import Adam
from certify.methods.adamw import AdamW
from certify.methods.rmsprop import RMSProp
from certify.prove.prover import prove

BOTH = (SmoothAbove, BoundedSamples)
LONG = {"gradient-momentum": [pytest.mark.slow]}  # tests/catalogue proves and verifies these, too
TRUE = [
    pytest.param(method, statement, id=f"{method.name}/{statement.name}", marks=LONG.get(statement.name, []))
    for method in (AdaGradNorm, AdaGrad, RMSProp, Adam, AdamW, AdaBelief)
    for statement in method.theorems().values()
]


@pytest.mark.parametrize(("method", "statement"), TRUE)
def test_true_theorems_are_proved_and_their_files_verified(method: type[Method], statement: Theorem) -> None:
    problem = pose(method, statement.assumptions, statement)
    proved = prove(problem, seconds=60)
    assert proved.proved, proved.tried
    ends = conclude(proved)
    assert ends.bound is not None
    data = json.loads(json.dumps(bundle(proved, problem.identifier, ends.strict)))
    assert verify(data).traced
    for part in [p["role"] for p in data["parts"]]:  # no part may be missing, hints included
        fewer = {**data, "parts": [p for p in data["parts"] if p["role"] != part]}
        with pytest.raises(Rejected, match="missing"):
            verify(fewer)


def test_a_lemma_is_no_hypothesis() -> None:
    """A step that uses a lemma is worth nothing if the lemma's own certificate proves something else."""
    statement = AdaGrad.theorems()["gradient"]
    problem = pose(AdaGrad, BOTH, statement)
    data = json.loads(json.dumps(bundle(prove(problem, seconds=60), problem.identifier)))
    roles = {p["role"]: p for p in data["parts"]}
    roles["lemma[2]"]["certificate"] = roles["lemma[0]"]["certificate"]
    with pytest.raises(Rejected, match="conclusion is not the theorem's"):
        verify(data)


def _changed(method: type[Method], change: Any, name: str = "gradient") -> Theorem:
    """The theorem with another goal."""
    true = method.theorems()[name]
    return replace(true, goal=lambda *args, **index: change(true.goal(*args, **index), *args, **index))


def _cost(factor_m: int, factor_l: int) -> Any:
    def goal(true: Any, method: Any, f: Any, before: Any, after: Any, *, k: Any, m: Any) -> Any:
        α = method.step_size
        return method._average(f, before, after, k, m, α * f.M / factor_m + α**2 * f.L / factor_l)

    return goal


def _without_offset(true: Any, *args: Any, k: Any, m: Any) -> Any:
    return replace(true, invariant=lambda state, k: ((0 * state.v, state.v), (state.v, (k - 1) * args[1].M ** 2)))


FALSE = {
    "weights without the factor 2": (
        AdaGrad,
        lambda g, *_, **__: replace(g, weight=2 * g.weight, least=lambda steps: 2 * g.least(steps)),
    ),
    "half the noise": (AdaGrad, _cost(4, 2)),
    "half the curvature": (AdaGrad, _cost(2, 4)),
    "no growth of the logarithm": (AdaGrad, lambda g, *_, **__: replace(g, error=0 * g.error)),
    "half the growth of the logarithm": (AdaGrad, lambda g, *_, **__: replace(g, spent=lambda k: g.spent(k) / 2)),
    "squares counted once too few": (AdaGrad, _without_offset),
    "weights that do not shrink": (AdaGrad, lambda g, own, f, *_, **__: replace(g, weight=own.step_size / (2 * f.M))),
    "equal weights as large as the first": (AdaGrad, lambda g, *_, **__: replace(g, least=lambda steps: g.least(1))),
    "equal weights that shrink a step too late": (
        AdaGrad,
        lambda g, *_, **__: replace(g, least=lambda steps: g.least(steps - 1)),
    ),
    "the floor dropped": (RMSProp, lambda g, *_, **__: replace(g, error=0 * g.error)),
    "half the floor": (RMSProp, lambda g, *_, **__: replace(g, error=g.error / 2)),
    "twice the weight": (RMSProp, lambda g, *_, **__: replace(g, weights=(2 * g.weights[0],))),
    "Adam without its floor": (Adam, lambda g, *_, **__: replace(g, error=0 * g.error)),
    "Adam with twice the weight": (Adam, lambda g, *_, **__: replace(g, weights=(2 * g.weights[0],))),
    "Adam with half the floor": (Adam, lambda g, *_, **__: replace(g, error=g.error / 2)),
    "a warm start with half the floor": (RMSProp, lambda g, *_, **__: replace(g, error=g.error / 2), "gradient-warm"),
    "a warm start with twice the weight": (
        RMSProp,
        lambda g, *_, **__: replace(g, weights=(2 * g.weights[0],)),
        "gradient-warm",
    ),
    "a warm start whose sums stay small": (
        RMSProp,
        lambda g, own, f, *_, **__: replace(
            g, invariant=lambda state, k: (*g.invariant(state, k)[:3], (state.v, f.M**2 + 0 * state.v))
        ),
        "gradient-warm",
    ),
    "averages below half the bound": (
        RMSProp,
        lambda g, own, f, *_, **__: replace(
            g, invariant=lambda state, k: ((0 * state.v, state.v), (state.v, f.M**2 / 2 + 0 * state.v))
        ),
    ),
}


WITH_MOMENTUM: dict[str, Any] = {
    "half the floor": lambda g, *_: replace(g, error=g.error / 2),
    "no floor": lambda g, *_: replace(g, error=0 * g.error),
    "twice the weight": lambda g, *_: replace(g, weights=(2 * g.weights[0],)),
    "steps twice as long": lambda g, own, f, *_: replace(
        g, given=(*g.given[:3], own.step_size * f.L <= 2 * own.offset * (1 - own.momentum) ** 2)
    ),
    "no range of steps": lambda g, *_: replace(g, given=g.given[:3]),
    "momentum that costs nothing": lambda g, own, f, before, after: replace(
        g, before=f.value(before.x) - f.minimum, after=f.value(after.x) - f.minimum
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", WITH_MOMENTUM)
def test_false_theorems_with_momentum_are_never_proved(name: str) -> None:
    statement = _changed(Adam, WITH_MOMENTUM[name], "gradient-momentum")
    assert not prove(pose(Adam, statement.assumptions, statement), seconds=20).proved


BELIEF: dict[str, Any] = {
    "half the floor": lambda g, *_: replace(g, error=g.error / 2),
    "twice the weight": lambda g, *_: replace(g, weights=(2 * g.weights[0],)),
    "steps twice as long": lambda g, own, f, *_: replace(
        g, given=(own.step_size * f.L <= 2 * root(own.offset) * (1 - own.momentum),)
    ),
    "no range of steps": lambda g, *_: replace(g, given=()),
    "averages below a quarter of the bound": lambda g, own, f, *_: replace(
        g,
        invariant=lambda state, k: (
            *g.invariant(state, k)[:1],
            (state.s, own.momentum**2 * f.M**2 + own.offset / (1 - own.memory) + 0 * state.s),
            *g.invariant(state, k)[2:],
        ),
    ),
    "momentum that costs nothing": lambda g, own, f, before, after: replace(
        g, before=f.value(before.x) - f.minimum, after=f.value(after.x) - f.minimum
    ),
}


@pytest.mark.parametrize("name", [pytest.param(n, marks=pytest.mark.slow) for n in BELIEF])
def test_false_theorems_about_beliefs_are_never_proved(name: str) -> None:
    statement = _changed(AdaBelief, BELIEF[name], "gradient-momentum")
    assert not prove(pose(AdaBelief, statement.assumptions, statement), seconds=10).proved


class _Certain:
    """f(x) = ½(x − 3/2)², whose samples are its gradients."""

    def stochastic_gradient(self, x: Q) -> Q:
        return x - Q(3, 2)


@pytest.mark.parametrize("beta", [Q(0), Q(1, 2), Q(9, 10), Q(99, 100)])
@pytest.mark.parametrize("step", [Q(1, 1000), Q(1, 2), Q(3)])
def test_adamw_rests_where_the_gradient_is_as_large_as_it_ever_is(beta: Q, step: Q) -> None:
    """λx(|g| + ε) = −g at x = ½: so no floor below dM² = 1 holds for AdamW, with momentum or without."""
    numbers = {"alpha": step, "beta1": beta, "beta2": Q(0), "epsilon": Q(1), "lambda": Q(1)}
    method, f = AdamW(**{n: Scalar.constant(v) for n, v in numbers.items()}), _Certain()
    state = method.start(Q(1, 2), f)
    for _ in range(20):
        state = method.step(state, f)
        assert state.x == Q(1, 2)
        assert f.stochastic_gradient(state.x) == -1


def test_adamw_rests_nowhere_else() -> None:
    true = AdamW.theorems()["rest"]

    def goal(own: Any, f: Any, x: Any, y: Any) -> Any:
        g = f.drawn_at(x.x)
        return replace(true.goal(own, f, x, y), right=x.x - own.step_size * g / (root(g * g) + own.offset))

    assert not prove(pose(AdamW, [SmoothAbove], replace(true, goal=goal)), seconds=3).proved


@pytest.mark.slow
@pytest.mark.parametrize("name", FALSE)
def test_false_theorems_are_never_proved(name: str) -> None:
    method, change, *which = FALSE[name]
    try:
        problem = pose(method, BOTH, _changed(method, change, *which))
    except (DoesNotApply, UnknownSign):
        return
    assert not prove(problem, seconds=60).proved  # no search is cut short


def test_steps_that_are_biased_prove_nothing() -> None:
    class Biased(AdaGrad):
        name = "biased"

        def step(self, state: Any, f: Any) -> Any:
            g = f.biased_gradient(state.x)
            v = state.v + g * g
            return state._replace(x=state.x - self.step_size * g / root(self.offset + v), v=v)

    problem = pose(Biased, BOTH, AdaGrad.theorems()["gradient"])
    assert not prove(problem, seconds=5).proved


FALSE_SUMS = {
    "half the sum": lambda g, *_: replace(g, weight=2 * g.weight),
    "a scale that starts too small": lambda g, own, f, *_: replace(g, given=(own.step_size * f.L <= 2 * own.scale,)),
    "no condition on the scale": lambda g, *_: replace(g, given=()),
}


@pytest.mark.parametrize("name", FALSE_SUMS)
def test_false_sums_are_never_proved(name: str) -> None:
    problem = pose(AdaGradNorm, [SmoothAbove], _changed(AdaGradNorm, FALSE_SUMS[name]))
    assert not prove(problem, seconds=3).proved


def test_sign_descent_is_not_twice_as_long() -> None:
    true = Adam.theorems()["sign-descent"]
    false = replace(true, goal=lambda own, f, x, y: replace(g := true.goal(own, f, x, y), right=2 * g.right - x.x))
    assert not prove(pose(Adam, [SmoothAbove], false), seconds=3).proved


def test_theorems_confined_to_values_are_refused_elsewhere() -> None:
    confined = replace(RMSProp.theorems()["gradient"], at=(("beta", Scalar.constant(0).as_constant()),))
    with pytest.raises(DoesNotApply, match="about beta = 0 only"):
        pose(RMSProp, BOTH, confined, {"beta": Scalar.constant(1) / 2})
