"""AMSGrad's regret: proved, verified, attacked by games; smaller constants and scales that shrink are never proved."""

import json
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from certify.analysis.bundles import bundle, verify
from certify.analysis.conclude import conclude
from certify.assumptions.online_convex import OnlineConvex
from certify.language import DoesNotApply, Method, Scalar, Trace, UnknownSign, clip, maximum, pose, root
from certify.methods.amsgrad import AMSGrad, State
from certify.prove.prover import prove

TRUE = AMSGrad.theorems()["regret"]
fractions = st.fractions(-3, 3, max_denominator=7)


def test_the_regret_is_proved_and_its_file_verified() -> None:
    problem = pose(AMSGrad, [OnlineConvex], TRUE)
    proved = prove(problem, seconds=60)
    assert proved.proved, proved.tried
    ends = conclude(proved)
    assert ends.bound is not None
    assert "as long as" in ends.bound.text
    assert verify(json.loads(json.dumps(bundle(proved, problem.identifier, ends.strict)))).traced


def test_nothing_is_known_of_the_comparator() -> None:
    """x⋆ need not minimise the function of the step: no inequality may say that its value is least."""
    problem = pose(AMSGrad, [OnlineConvex], TRUE)
    f0, star = Scalar.variable("f0"), Scalar.variable("f⋆")
    known = {h.name: h.polynomial for h in problem.trace.hypotheses.values()}
    assert (f0 - star).numerator not in known.values()
    assert [n for n, p in known.items() if "f⋆" in p.variables] == ["online-convex.1[0]"]


class Forgetful(AMSGrad):
    """Adam: the scale may shrink."""

    name = "forgetful"

    def step(self, state: State, f: Any, *, k: Any) -> State:
        g, D = f.gradient(state.x), self.width
        v = self.memory * state.v + (1 - self.memory) * g * g
        return State(clip(state.x - self.step_size / root(k + 1) * g / root(v), -D / 2, D / 2), v, v)


def _scaled(first: Fraction, second: Fraction) -> Any:
    """The regret with these multiples of its two constants."""

    def change(true: Any, own: Any, f: Any, before: Any, k: Any) -> Any:
        α, r, D, G, d = own.step_size, root(1 - own.memory), own.width, f.G, Scalar.variable("d")
        s, t = root(k), root(k + 1)
        return replace(
            true,
            error=(first * D**2 * G * (t - s) / (2 * α) + second * α * G / (2 * r * t)) * d,
            spent=lambda k: (first * D**2 * G / (2 * α) + second * α * G / r) * root(k) * d,
        )

    return change


HALF, ONE = Fraction(1, 2), Fraction(1)
FALSE: dict[str, tuple[type[Method], Any]] = {
    "scales that shrink": (Forgetful, lambda true, *_: true),
    "half the diameter": (AMSGrad, _scaled(HALF, ONE)),
    "half the slopes": (AMSGrad, _scaled(ONE, HALF)),
    "sums that grow too slowly": (
        AMSGrad,
        lambda true, *_: replace(true, spent=lambda k: true.spent(k) / 2),
    ),
    "any comparator": (AMSGrad, lambda true, *_: replace(true, given=true.given[:1])),
    "slopes that are not bounded": (
        AMSGrad,
        lambda true, *_: replace(true, invariant=lambda state, k: true.invariant(state, k)[:3]),
    ),
    "twice the regret": (
        AMSGrad,
        lambda true, *_: replace(true, weight=2 * true.weight, total=lambda k: 2 * k),
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", FALSE)
def test_false_regrets_are_never_proved(name: str) -> None:
    method, change = FALSE[name]

    def goal(own: Any, f: Any, before: Any, after: Any, *, k: Any, m: Any) -> Any:
        return change(TRUE.goal(own, f, before, after, k=k, m=m), own, f, before, k)

    try:
        problem = pose(method, [OnlineConvex], replace(TRUE, goal=goal))
    except (DoesNotApply, UnknownSign):
        return
    assert not prove(problem, seconds=30).proved


RUNS, STEPS, DIMENSION = 1000, 40, 3


class Linear:
    """The function ⟨c, x⟩ of one step."""

    def __init__(self, slope: torch.Tensor) -> None:
        self.slope = slope

    def gradient(self, x: torch.Tensor) -> torch.Tensor:
        return self.slope


def _slopes(kind: int, k: int, x: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Games against the method: slopes at random, alternating, against the iterate, or Reddi's rare large ones."""
    random = 2 * torch.rand(x.shape, generator=generator, dtype=torch.float64) - 1
    if kind == 0:
        return random
    if kind == 1:
        return torch.ones_like(x) * (-1) ** k
    if kind == 2:
        return torch.where(x >= 0, 1.0, -1.0).to(x)
    if kind == 3:
        return torch.full_like(x, 1.0 if k % 3 == 0 else -1 / 3)
    return random.sign() * 10 ** (-3 * random.abs())


@pytest.mark.parametrize("game", range(10))
def test_no_game_beats_the_regret(game: int) -> None:
    generator = torch.Generator().manual_seed(game)
    unit = torch.rand((5, RUNS, 1), generator=generator, dtype=torch.float64)
    α, β, D, G = 10 ** (3 * unit[0] - 2), unit[1] * 0.999 + 0.0005, 10 ** (2 * unit[2] - 1), 10 ** (2 * unit[3] - 1)
    method = AMSGrad(alpha=α, beta=β, D=D)
    x = 4 * D * (torch.rand((RUNS, DIMENSION), generator=generator, dtype=torch.float64) - 0.5)
    state = method.start(x, None)
    played, total = torch.zeros((RUNS, 1), dtype=torch.float64), torch.zeros((RUNS, DIMENSION), dtype=torch.float64)
    for k in range(STEPS):
        c = G * _slopes(game % 5, k, state.x, generator)
        played, total = played + (c * state.x).sum(1, keepdim=True), total + c
        state = method.step(state, Linear(c), k=torch.tensor(float(k), dtype=torch.float64))
        assert bool((state.x.abs() <= D / 2).all())
        regret = played + (total.abs() * D / 2).sum(1, keepdim=True)  # the best x⋆ is a corner
        bound = DIMENSION * G * (D**2 / (2 * α) + α / (1 - β) ** 0.5) * (k + 1) ** 0.5
        assert bool((regret <= bound * (1 + 1e-9)).all())


@given(fractions, fractions, st.fractions(0, 3, max_denominator=5))
def test_what_is_known_of_clipping_and_maxima_is_true(v: Fraction, u: Fraction, width: Fraction) -> None:
    trace = Trace("coordinates")
    a, b = trace.vector("a"), trace.vector("b")
    clip(a, -width / 2, width / 2)
    maximum(a, b)
    for share in (1,) if v > u else (0,):
        point = {
            "a": v, "b": u, "clip0": min(max(v, -width / 2), width / 2), "max0": max(u, v), "share0": Fraction(share),
        }  # fmt: skip
        values = {n: Scalar.constant(c) for n, c in point.items()}
        known = [(n, number.substitute(values).as_constant()) for n, _, number in trace.geometry.axioms()]
        assert len(known) == 9
        assert all(c is not None and c >= 0 for _, c in known), known
