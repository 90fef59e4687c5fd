"""Claims about operators: what is measured, what is refused, and verdicts on true and false bounds."""

from __future__ import annotations

import json
from typing import Any

import pytest

from certify.analysis.errors import BadInput
from certify.claims.decide import Verdict, decide
from certify.claims.reading import claim
from certify.claims.verify import verify


def operator(method: str, assumption: Any, text: str, **more: Any) -> dict[str, Any]:
    return {"method": method, "assumptions": assumption, "claim": text, **more}


HALPERN, MANN = ("halpern", "nonexpansive"), ("krasnoselskii-mann", "nonexpansive")
PPM, EXTRA = ("inclusion-ppm", "monotone"), ("extragradient", "lipschitz-monotone")

TRUE = {
    "halpern": operator(*HALPERN, "||x_N - T(x_N)|| <= 2 R/(N + 1)"),
    "mann": operator(*MANN, "||T x_N - x_N||^2 <= R^2/(λ (1 - λ)(N + 1))", where="lam < 1"),
    "proximal point": operator(*PPM, "||x_{k+1} - x_k||^2 <= R^2/(k + 1)"),
    "contraction": operator("inclusion-ppm", "strongly-monotone", "||x_N - x*|| <= R/(1 + gamma mu)^N"),
    "extragradient": operator(*EXTRA, "||F(x_N)||^2 <= 4 L^2 R^2/N", set={"gamma": "1/(sqrt(2) L)"}),
    "splitting": operator("douglas-rachford", {"A": "monotone", "B": "monotone"}, "||x_{k+1} - x_k||^2 <= R^2/(k + 1)",
                          set={"theta": 1}),
    "forward": operator("forward-step", "cocoercive", "||A(x_N)|| <= R/(beta sqrt(N + 1))", set={"gamma": "beta"}),
    "element": operator(*PPM, "||A(x_N)||^2 <= R^2/(gamma^2 N)"),
    "nearer": operator(*EXTRA, "||x_N - x*|| <= R", where="gamma <= 1/L"),
}  # fmt: skip
FALSE = {
    "a power of R": {
        "method": "polyak",
        "assumptions": "lipschitz-convex",
        "iterate": "best",
        "over": "0..N-1",
        "claim": "f(x_k) - f* <= M R/sqrt(N)",
        "steps": 5,
        "set": {"M": 1, "gamma": 1},
    },
    "halpern": operator(*HALPERN, "||x_N - T(x_N)|| <= 2 R/(N + 2)", steps=1),
    "mann": operator(*MANN, "||x_N - T(x_N)||^2 <= R^2/(2 N + 2)", set={"lam": "1/2"}, steps=1),
    "proximal point": operator(*PPM, "||x_N - x_{N-1}||^2 <= R^2/(N + 1)", set={"gamma": 1}, steps=1),
    "splitting": operator("douglas-rachford", {"A": "monotone", "B": "monotone"}, "||x_N - x*|| <= R",
                          where="theta <= 3", steps=1, set={"gamma": 1}),
    "too long": operator(*EXTRA, "||x_N - x*|| <= R", where="gamma <= 2/L", steps=1),
}  # fmt: skip


@pytest.mark.parametrize("name", TRUE)
def test_true_claims_are_proved_and_their_files_verify(name: str) -> None:
    found = decide(claim(TRUE[name]), 10.0)
    assert found.verdict in (Verdict.PROVED, Verdict.LOOSE), found.tried
    assert verify(json.loads(json.dumps(found.certificate)))


@pytest.mark.parametrize("name", FALSE)
def test_false_claims_are_not_proved(name: str) -> None:
    assert decide(claim(FALSE[name]), 4.0).verdict is Verdict.REFUTED


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        (operator(*EXTRA, "f(x_N) - f* <= L R^2/N"), "without values"),
        (operator(*EXTRA, "||x_N - T(x_N)|| <= R/N"), "T is not known"),
        (operator(*HALPERN, "||A(x_N)|| <= R/N"), "A is not known"),
        (operator("gd", "smooth-convex", "||F(x_N)|| <= L R/N"), "on one operator"),
        (operator("douglas-rachford", {"A": "monotone", "B": "monotone"}, "||A(x_N)|| <= R/N"), "which of them"),
        (operator("random-coordinate", "smooth-convex", "E||x_N - x*||^2 <= R^2"), "mean of its iterates"),
        (operator("prox-skip", {"f": "smooth-strongly-convex", "psi": "convex"}, "||x_N - x*||^2 <= R^2"), "together"),
        (operator(*PPM, "||x_N - x_{N-2}|| <= R/N"), "a point is"),
        (operator(*HALPERN, "||x_N - T(x_0)|| <= R/N"), "norms that are understood"),
    ],
)
def test_what_cannot_be_said_is_refused_in_words(entry: dict[str, Any], words: str) -> None:
    with pytest.raises(BadInput, match=words):
        claim(entry)
