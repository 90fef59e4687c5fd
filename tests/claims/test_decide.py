"""Verdicts: no false claim is proved, no true claim refuted, and every proof is checked again from its file."""

from __future__ import annotations

import json
from typing import Any

import pytest

from certify.analysis.errors import BadInput
from certify.claims.decide import Decision, Verdict, decide
from certify.claims.reading import claim
from certify.claims.verify import verify
from certify.kernel import Malformed, Rejected

SHORT = {"gamma": "1/L"}
PROVED = (Verdict.PROVED, Verdict.LOOSE)


def gd(text: str, assumption: str = "smooth-convex", **more: Any) -> dict[str, Any]:
    return {"method": "gd", "assumptions": [assumption], "set": SHORT, "claim": text, **more}


def sgd(noise: str, where: str, text: str, assumption: str = "pl") -> dict[str, Any]:
    return {"method": "sgd", "assumptions": [assumption], "noise": noise, "where": where, "claim": text}


FLOOR = "E[f(x_N) - f*] <= (1 - 2 alpha mu)^N (f(x_0) - f*) + L sigma^2 alpha/({0} mu)"
AVERAGE = {"method": "sgd", "assumptions": ["convex"], "measure": "gap", "iterate": "average", "over": "0..N-1"}

SCALED = "min_{k<=N-1} ||grad f(x_k)||^2 <= (2 b Delta0/eta + 4 Delta0^2/eta^2)/N"
TRUE = {
    "tight gd": gd("f(x_N) - f* <= L R^2/(4 N + 2)"),
    "textbook gd": gd("f(x_N) - f* <= L R^2/(2 N)"),
    "gradient norm": gd("||grad f(x_N)|| <= L R/(N + 1)"),
    "best gradient": gd("min_{0<=k<=N} ||grad f(x_k)||^2 <= 4 L Delta0/(3 N + 2)", "smooth"),
    "complexity": {"method": "gd", "assumptions": "smooth-convex", "set": SHORT, "measure": "gap",
                   "complexity": "L R^2/(4 eps)"},
    "slides": sgd("second-moment", "0 < alpha <= 1/(2 mu)", FLOOR.format(4)),
    "average": AVERAGE | {"noise": "second-moment", "bound": "R^2/(2 alpha N) + alpha sigma^2/2"},
    "horizon": AVERAGE | {"noise": "second-moment", "set": {"alpha": "R/(sigma sqrt(N))"}, "bound": "R sigma/sqrt(N)"},
    "decreasing": {"method": "sgd-decreasing", "assumptions": "pl", "noise": "second-moment",
                   "claim": "f(x_{k+1}) - f* <= L sigma^2/(2 mu^2 (k + 1))"},
    "proximal": {"method": "ppm", "assumptions": "convex", "claim": "f(x_N) - f* <= R^2/(4 gamma N)"},
    "broximal step": {"method": "bpm", "assumptions": "convex",
                      "claim": "||x_{k+1} - x*||^2 <= ||x_k - x*||^2 - t^2"},
    "first scale": {"method": "adagrad-norm", "assumptions": ["smooth"], "where": "b >= eta L", "claim": SCALED},
    "broximal gap": {"method": "bpm", "assumptions": "convex", "norm": "linf",
                     "claim": "f(x_{k+1}) - f* <= (1 - t/||x_k - x*||) (f(x_k) - f*)"},
    "broximal": {"method": "bpm", "assumptions": "convex", "claim": "f(x_N) - f* <= (1 + t/R)^(-N) Delta0"},
    "broximal stops": {"method": "bpm", "assumptions": "convex", "measure": "gap", "complexity": "R^2/t^2"},
    "one step": gd("||x_{k+1} - x*||^2 <= (1 - mu/L) ||x_k - x*||^2", "smooth-strongly-convex"),
    "fixed N": {"method": "gd", "assumptions": "smooth-convex", "set": {"gamma": 1, "L": 1}, "steps": 2,
                "claim": "f(x_N) - f* <= R^2/10"},
}  # fmt: skip
"""Claims that are true and that the engine proves."""

FALSE = {
    "too good": gd("f(x_N) - f* <= L R^2/(4 N + 3)"),
    "units": gd("f(x_N) - f* <= L R/(4 N + 2)"),
    "units of L": gd("f(x_N) - f* <= R^2/(4 N + 2)"),
    "long steps": {"method": "gd", "assumptions": "smooth-convex", "where": "gamma <= 2/L",
                   "claim": "f(x_N) - f* <= R^2/(2 gamma N)"},
    "last, not best": gd("||grad f(x_N)||^2 <= 2 L Delta0/N", "smooth"),
    "variance": sgd("variance", "0 < alpha <= 1/(2 mu)", FLOOR.format(4)),
    "half the floor": sgd("second-moment", "0 < alpha <= 1/(2 mu)", FLOOR.format(8)),
    "longer steps": sgd("second-moment", "0 < alpha <= 1/mu", FLOOR.format(4)),
    "average with a variance": AVERAGE | {"noise": "variance", "bound": "R^2/(2 alpha N) + alpha sigma^2/2"},
    "proximal off by one": {"method": "ppm", "assumptions": "convex", "claim": "f(x_N) - f* <= R^2/(4 gamma (N + 1))"},
    "distance after the end": {"method": "bpm", "assumptions": "convex", "claim": "||x_N - x*||^2 <= R^2 - N t^2"},
    "twice the square": {"method": "bpm", "assumptions": "convex",
                         "claim": "||x_{k+1} - x*||^2 <= ||x_k - x*||^2 - 2 t^2"},
    "square of the gap": {"method": "bpm", "assumptions": "convex", "norm": "linf",
                          "claim": "f(x_{k+1}) - f* <= (1 - t/||x_k - x*||)^2 (f(x_k) - f*)"},
    "first distance": {"method": "bpm", "assumptions": "convex", "norm": "any",
                       "claim": "f(x_{k+1}) - f* <= (1 - t/R)^2 (f(x_k) - f*)"},
    "adagrad without a logarithm": {"method": "adagrad", "assumptions": ["smooth-above", "bounded-samples"],
                                    "measure": "gradient", "iterate": "values", "over": "0..N-1",
                                    "bound": "2 Delta0 sqrt(epsilon + M^2 N)/(alpha N)"},
    "first scale too small": {"method": "adagrad-norm", "assumptions": ["smooth"], "claim": SCALED},
    "maximum norm": {"method": "bpm", "assumptions": "convex", "norm": "linf",
                     "claim": "||x_{k+1} - x*||^2 <= ||x_k - x*||^2 - t^2"},
    "fixed N": {"method": "gd", "assumptions": "smooth-convex", "set": {"gamma": 1, "L": 1}, "steps": 2,
                "claim": "f(x_N) - f* <= R^2/11"},
    "gd complexity": {"method": "gd", "assumptions": "smooth-convex", "set": SHORT, "measure": "gap",
                      "complexity": "L R^2/(8 eps)"},
    "irrational momentum": {"method": "fgm", "assumptions": "smooth-convex",
                            "claim": "f(x_N) - f* <= L R^2/(N + 1)^2"},
    "complexity": {"method": "bpm", "assumptions": "convex", "measure": "gap", "complexity": "R^2/(2 t^2)"},
}  # fmt: skip
"""Claims that are false and that the engine refutes."""


@pytest.mark.parametrize("name", TRUE)
def test_true_claims_are_proved_and_verified(name: str) -> None:
    found = decide(claim(TRUE[name]), seconds=40)
    assert found.verdict in PROVED, found.tried
    assert Decision.from_json(json.loads(json.dumps(found.to_json()))) == found
    data = json.loads(json.dumps(found.certificate))
    if data["schema"].startswith("certify/claim/"):
        words, sentences = verify(data)
        assert words == found.statement
        assert sentences
    else:
        assert name == "fixed N"
        assert found.how.startswith("multipliers")


@pytest.mark.parametrize("name", FALSE)
def test_false_claims_are_refuted(name: str) -> None:
    found = decide(claim(FALSE[name]), seconds=30)
    assert found.verdict is Verdict.REFUTED, (found.verdict, found.tried, found.evidence)
    assert found.example
    assert found.counterexample


def test_loose_claims_come_with_a_better_bound() -> None:
    found = decide(claim(TRUE["textbook gd"]))
    assert found.verdict is Verdict.LOOSE
    assert found.better is not None
    assert "1/2" in found.better
    assert decide(claim(TRUE["tight gd"])).verdict is Verdict.PROVED


def test_an_empty_range_claims_nothing() -> None:
    found = decide(claim(gd("f(x_N) - f* <= L R^2", where="L <= -1")))
    assert found.verdict is Verdict.VACUOUS
    assert "nothing is claimed" in found.how


@pytest.mark.parametrize("where", ["L^2 + mu^2 <= 2 L mu", "gamma^2 L^2 + 1 <= gamma L"])
def test_ranges_that_no_numbers_satisfy_are_certified(where: str) -> None:
    text = "||x_N - x*||^2 <= R^2/100^N"
    found = decide(claim({"method": "gd", "assumptions": ["smooth-strongly-convex"], "where": where, "claim": text}))
    assert found.verdict is Verdict.VACUOUS
    data: Any = json.loads(json.dumps(found.certificate))
    assert "no parameters" in verify(data)[1][0]
    data["claim"]["where"] = "gamma <= 1/L"
    with pytest.raises(Rejected, match="not one of the theorem's"):
        verify(data)


def test_ranges_that_some_numbers_satisfy_are_not_empty() -> None:
    found = decide(claim(gd("f(x_N) - f* <= L R^2/(4 N + 2)")))
    assert not found.notes


@pytest.fixture(scope="module")
def file() -> dict[str, Any]:
    found = decide(claim(TRUE["textbook gd"])).certificate
    assert found is not None
    return found


def changed(data: dict[str, Any], path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    copy = json.loads(json.dumps(data))
    inside = copy
    for key in path[:-1]:
        inside = inside[key]
    inside[path[-1]] = value
    return copy


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("claim", "claim"), "f(x_N) - f* <= L R^2/(4 N + 3)"),
        (("claim", "claim"), "f(x_N) - f* <= R^2/(2 N)"),
        (("claim", "set"), {"gamma": "2/L"}),
        (("claim", "assumptions"), ["smooth"]),
        (("claim", "method"), "ppm"),
        (("by", "name"), "gradient-last"),
        (("by", "kind"), "proposal"),
        (("comparison",), []),
        (("theorem", "parts"), []),
        (("theorem", "lemma"), "contraction"),
        (("schema",), "certify/claim/2"),
    ],
)
def test_a_file_for_another_claim_is_rejected(file: dict[str, Any], path: tuple[Any, ...], value: Any) -> None:
    verify(file)
    with pytest.raises((Rejected, Malformed, BadInput)):
        verify(changed(file, path, value))


def numbers(data: Any, path: tuple[Any, ...] = ()) -> Any:
    """Paths of all rational numbers in the proofs of a file."""
    if isinstance(data, dict):
        for key, value in data.items():
            yield from numbers(value, (*path, key))
    elif isinstance(data, list):
        for i, value in enumerate(data):
            yield from numbers(value, (*path, i))
    elif isinstance(data, str) and "proof" in path and data.lstrip("-").replace("/", "").isdigit():
        yield path


def test_every_changed_number_of_a_proof_is_noticed(file: dict[str, Any]) -> None:
    paths = list(numbers(file["comparison"], ("comparison",)))
    assert paths
    for path in paths:
        value: Any = file
        for key in path:
            value = value[key]
        with pytest.raises((Rejected, Malformed)):
            verify(changed(file, path, f"{value}7" if "/" not in value else "7"))


def test_parameters_stay_in_their_domains() -> None:
    """At β = 1 heavy ball runs away, but β < 1 is part of its declaration."""
    from certify.claims.samples import points

    given = claim({"method": "heavy-ball", "assumptions": "smooth-convex", "claim": "f(x_N) - f* <= L R^2"})
    found = list(points(given, 2, {}))
    assert found
    assert all(0 <= p["beta"] < 1 and p["gamma"] > 0 for p in found)


def test_theorems_about_one_step_at_least_say_nothing_of_none() -> None:
    assert decide(claim(gd("f(x_N) - f* <= L R^2/(4 N + 2)", steps="N >= 0")), seconds=4).verdict is Verdict.OPEN
    linear = gd("||x_N - x*||^2 <= (1 - mu/L)^N R^2", "smooth-strongly-convex", steps="N >= 0")
    assert decide(claim(linear), seconds=40).verdict in PROVED


BROXIMAL = {"method": "bpm", "assumptions": "convex", "claim": "f(x_N) - f* <= (R^2/t^2) Delta0"}
AHEAD = {"method": "ppm", "assumptions": "convex", "set": {"gamma": "1/(k+1)"}}


def test_a_ball_that_reaches_the_minimiser_says_nothing_of_the_start() -> None:
    assert decide(claim(BROXIMAL)).verdict in PROVED
    assert decide(claim(BROXIMAL | {"steps": "N >= 0"})).verdict is Verdict.REFUTED


def test_after_a_minimiser_is_reached_the_distance_does_not_fall() -> None:
    entry = {"method": "bpm", "assumptions": "convex"}
    found = decide(claim(entry | {"claim": "||x_N - x*||^2 <= R^2 - N t^2"}))
    assert found.verdict is Verdict.REFUTED
    assert "stays there" in found.notes[0]
    step = decide(claim(entry | {"claim": "||x_{k+1} - x*||^2 <= ||x_k - x*||^2 - t^2"}))
    assert step.verdict is Verdict.PROVED


def test_subgradients_of_proximal_points() -> None:
    entry = {"method": "ppm", "assumptions": "convex", "measure": "subgradient-norm"}
    assert decide(claim(entry | {"bound": "R/(gamma N)"})).verdict is Verdict.PROVED
    fixed = entry | {"steps": 2, "set": {"gamma": 1}}
    assert decide(claim(fixed | {"bound": "49 R/100"}), seconds=4).verdict is Verdict.REFUTED


def test_ties_and_ranges_at_the_next_point_speak_of_k() -> None:
    assert decide(claim(AHEAD | {"claim": "f(x_{k+1}) - f* <= R^2/4"})).verdict is Verdict.PROVED
    assert decide(claim(AHEAD | {"claim": "f(x_{k+1}) - f* <= R^2/5"})).verdict is Verdict.REFUTED
    made = claim({"method": "ppm", "assumptions": "convex", "steps": "k >= 0", "claim": "f(x_{k+1}) - f* <= R^2/gamma"})
    assert (made.least, made.ahead) == (1, 1)


def test_steps_may_depend_on_the_accuracy() -> None:
    entry = {"method": "subgradient", "assumptions": "lipschitz-convex", "set": {"gamma": "eps/M^2"},
             "measure": "gap", "iterate": "best", "over": "0..N-1"}  # fmt: skip
    assert decide(claim(entry | {"complexity": "M^2 R^2/eps^2"})).verdict in PROVED
    assert decide(claim(entry | {"complexity": "M^2 R^2/(2 eps^2)"}), seconds=5).verdict not in PROVED


def test_weighted_averages_name_their_weights() -> None:
    entry = {"method": "sgd-weighted", "assumptions": "strongly-convex", "noise": "second-moment",
             "iterate": "weighted"}  # fmt: skip
    found = decide(claim(entry | {"claim": "f(xbar_N) - f* <= 2 sigma^2/(mu (N + 1))"}))
    assert found.verdict in PROVED
    assert any("w_k" in note for note in found.notes)
    assert decide(claim(entry | {"claim": "f(xbar_N) - f* <= sigma^2/(2 mu (N + 1))"})).verdict is Verdict.REFUTED
