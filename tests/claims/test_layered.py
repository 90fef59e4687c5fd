"""Claims about layers: notation, theorems for sums, runs in layers that are alike, and what is refused."""

from typing import Any

import pytest

from certify.analysis.errors import BadInput
from certify.claims.decide import Verdict, decide
from certify.claims.layered import plain, rule, rules
from certify.claims.reading import claim
from certify.methods.gluon import Gluon

SMOOTH = ["layerwise-smooth"]
FIXED: dict[str, Any] = {"method": "gluon", "variant": "fixed", "assumptions": SMOOTH, "where": "t_i <= 1/L1_i"}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (r"\sum_i t_i \|\nabla_i f(x_k)\|_\star", r"sum t \|\nabla f(x_k)\|"),
        (r"sum_{i=1}^p L^0_i t_i^2", "sum L0 t^2"),
        ("Σᵢ L0_i", "sum L0"),
        (r"\max_i L_i^1", "largest L1"),
        ("||grad_i f(x_k)||_*", "||grad f(x_k)||"),
    ],
)
def test_notation(text: str, wanted: str) -> None:
    assert " ".join(plain(text).split()) == wanted


def test_rules_of_a_family() -> None:
    assert {"adaptive", "fixed", "momentum", "scaled", "weight-decay"} <= set(rules(Gluon))
    assert rule(Gluon, "fixed").parameters().keys() == {"t"}
    with pytest.raises(BadInput, match="no rule"):
        rule(Gluon, "__class__")


CLAIMS = [
    (FIXED, r"\min_{k\le N-1} \sum_i t_i \|\nabla_i f(x_k)\|_* \le 2\Delta_0/N + \sum_i L^0_i t_i^2", True),
    (FIXED, r"\min_{k\le N-1} \sum_i t_i \|\nabla_i f(x_k)\|_* \le \Delta_0/(2N) + \sum_i L^0_i t_i^2/2", False),
    (FIXED, "f(x_{k+1}) <= f(x_k) - sum(t ||grad f(x_k)||) + sum((t^2/2)(L0 + L1 ||grad f(x_k)||))", True),
    (FIXED, "f(x_{k+1}) <= f(x_k) - sum(t ||grad f(x_k)||) + sum((t^2/4)(L0 + L1 ||grad f(x_k)||))", False),
    (FIXED, r"\min_{k\le N-1} \sum_i t_i \|\nabla_i f(x_k)\|_* \le (3\Delta_0)/N + \sum_i 3 L^0_i t_i^2/2", True),
    (
        {**FIXED, "method": "nsgd", "set": {"L1": "0"}, "where": "t > 0"},
        "min_{k<=N-1} ||grad f(x_k)|| <= Delta0/(N t) + L0 t/2",
        True,
    ),
    (
        {**FIXED, "method": "nsgd", "set": {"L1": "0"}, "where": "t > 0"},
        "min_{k<=N-1} ||grad f(x_k)|| <= Delta0/(N t) + L0 t/3",
        False,
    ),
    (
        {**FIXED, "method": "signsgd", "set": {"L1_i": "0"}, "where": "t_i > 0"},
        "min_{k<=N-1} sum_i t_i ||grad_i f(x_k)||_* <= Delta0/N + sum_i L0_i t_i^2/2",
        True,
    ),
    (
        {"method": "signsgd", "variant": "scaled", "assumptions": ["layerwise-lipschitz"], "set": {"gamma": "1/L"}},
        "min_{k<=N-1} ||grad f(x_k)||^2 <= 2 L Delta0/N",
        True,
    ),
]


@pytest.mark.parametrize(("entry", "text", "truth"), CLAIMS)
def test_verdicts(entry: dict[str, Any], text: str, truth: bool) -> None:
    found = decide(claim({**entry, "claim": text}), seconds=10)
    assert found.verdict in ((Verdict.PROVED, Verdict.LOOSE) if truth else (Verdict.REFUTED,)), found.tried


def test_the_largest_is_not_the_sum() -> None:
    entry: dict[str, Any] = {"method": "gluon", "assumptions": SMOOTH, "measure": "gradients", "iterate": "best"}
    text = "2 Delta0 {}(L0)/eps^2 + 2 Delta0 largest(L1)/eps"
    true, false = (claim({**entry, "over": "0..N-1", "complexity": text.format(w)}) for w in ("sum", "largest"))
    assert decide(true, seconds=10).verdict is Verdict.PROVED
    found = decide(false, seconds=10)
    assert found.verdict is Verdict.REFUTED
    assert found.example is not None
    assert "layers that are alike" in found.example


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({**FIXED, "claim": "||x_N - x*||^2 <= R^2"}, "of layers"),
        ({**FIXED, "norm": "euclidean", "claim": "f(x_N) - f* <= Delta0"}, "norms of its layers"),
        ({**FIXED, "where": "sum(t) <= 1", "claim": "f(x_N) - f* <= Delta0"}, "one layer each"),
        ({"method": "gd", "assumptions": ["smooth"], "claim": "f(x_N) - f* <= sum(L) R^2"}, "layer by layer"),
        ({"method": "bpm", "assumptions": ["convex"], "norm": "foo", "claim": "f(x_N) - f* <= Delta0"}, "unknown"),
    ],
)
def test_refusals(entry: dict[str, Any], words: str) -> None:
    with pytest.raises(BadInput, match=words):
        claim(entry)


def test_what_differs_between_layers_stays_inside_sums() -> None:
    text = "min_{k<=N-1} sum_i t_i ||grad_i f(x_k)||_* <= 2 Delta0/N + 100 L0 t^2"
    found = decide(claim({**FIXED, "claim": text}), seconds=3)
    assert found.verdict not in (Verdict.PROVED, Verdict.LOOSE)


def test_theorems_at_fixed_parameters_do_not_speak_of_others() -> None:
    entry = {"method": "adam", "assumptions": ["smooth-above", "bounded-samples"], "measure": "gradient"}
    entry |= {"iterate": "values", "over": "0..N-1", "bound": "(epsilon + M)(2 Delta0/(alpha N) + 10^9 d)"}
    found = decide(claim(entry), seconds=2)
    assert found.verdict is Verdict.OPEN
    assert any("beta1 = 0 only" in line for line in found.tried)
