"""Counterexamples to whole runs are replayed exactly, and data that refute nothing are refused."""

import json
import math
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from certify.analysis.analyse import analyse
from certify.analysis.bundles import verify
from certify.analysis.errors import BadInput
from certify.analysis.matrix import conjectures
from certify.analysis.results import Verdict
from certify.kernel import Certificate, Malformed, Rejected, check
from certify.language import LinearGame, Trap
from certify.language.enclosures import Enclosure
from certify.methods.adam_online import OnlineAdam
from certify.methods.heavy_ball import HeavyBall
from certify.simulate.endless import endless
from certify.simulate.games import lost
from certify.simulate.traps import NotRefuted, caught

HEAVY, ONLINE = HeavyBall.conjectures[0], OnlineAdam.conjectures[0]


def heavy(at: dict[str, Fraction] | None = None, **changes: Any) -> Any:
    assert isinstance(HEAVY.counterexample, Trap)
    numbers = {**(HEAVY.at or {}), **(at or {})}
    return caught(HeavyBall, ["smooth-strongly-convex"], numbers, replace(HEAVY.counterexample, **changes))


def online(at: dict[str, Fraction] | None = None, **changes: Any) -> Any:
    assert isinstance(ONLINE.counterexample, LinearGame)
    return lost(OnlineAdam, {**(ONLINE.at or {}), **(at or {})}, replace(ONLINE.counterexample, **changes))


@pytest.mark.parametrize("method", ["heavy-ball", "adam-online"])
def test_the_conjectures_are_refuted(method: str) -> None:
    (found,) = [t for t in analyse(method, simulate=False).theorems if t.verdict is Verdict.REFUTED]
    assert found.counterexample is not None
    assert found.counterexample["text"]


def test_the_cycle_of_lessard_recht_and_packard() -> None:
    run = heavy()
    x, y, z = run.cycle
    assert (x, y, z) == (Fraction(792, 1225), Fraction(-2208, 1225), Fraction(2592, 1225))
    assert 0 < run.squared_distance < run.margin**2


@pytest.mark.parametrize(
    ("at", "changes", "reason"),
    [
        ({}, {"steps": 2}, "not yet close"),
        ({}, {"start": Fraction(1, 10)}, "not yet close"),
        ({}, {"cycle": (Fraction(1, 2), Fraction(-2), Fraction(2))}, "no cycle"),
        ({}, {"cycle": (Fraction(0),)}, "contains the minimiser"),
        ({}, {"curvatures": (Fraction(25), Fraction(1, 2), Fraction(25))}, "not in the class"),
        ({"beta": Fraction(1, 9)}, {}, "no cycle"),
        ({"L": Fraction(24)}, {}, "not in the class"),
    ],
)
def test_other_data_refute_nothing(at: dict[str, Fraction], changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(NotRefuted, match=reason):
        heavy(at, **changes)


def test_three_steps_of_adam_cost_two_for_ever() -> None:
    game = online()
    assert game.steps == 30
    assert game.regret >= 20
    assert game.certificates
    for certificate in game.certificates:
        assert check(Certificate.from_json(json.loads(json.dumps(certificate.to_json()))))


@pytest.mark.parametrize("steps", [3, 300])
def test_later_rounds_are_certified_from_wherever_the_play_ends(steps: int) -> None:
    assert online(steps=steps).certificates


def test_later_rounds_end_where_they_begin_in_floats_too() -> None:
    """A round from any memory between 0 and 9, long after the start: the certified statement, run by hand."""
    for v in (0.0, 0.3, 4.0, 9.0):
        for k in (30, 3000, 10**6):
            x, memory = 1.0, v
            for i, g in enumerate((3.0, -1.0, -1.0)):
                memory = memory / 10 + 9 / 10 * g * g
                x = min(1.0, max(-1.0, x - 0.9 / math.sqrt(k + i + 1) * g / math.sqrt(memory)))
            assert x == 1.0
            assert 0 <= memory <= 9


def test_a_game_that_is_lost_at_first_only_is_not_lost_for_ever() -> None:
    """With a longer memory the two steps back are shorter than the step away."""
    at = {"beta": Fraction(1, 2), "alpha": Fraction(9, 10)}
    start = OnlineAdam(**at).start(Enclosure.of(1), None)
    assert isinstance(ONLINE.counterexample, LinearGame)
    with pytest.raises(NotRefuted, match="no proof was found"):
        endless(OnlineAdam(**at), start, ONLINE.counterexample, 10)


@pytest.mark.parametrize("method", ["heavy-ball", "adam-online"])
def test_files_of_refutations_are_replayed(method: str) -> None:
    (found,) = [t for t in analyse(method, simulate=False, sdp=False).theorems if t.verdict is Verdict.REFUTED]
    data = json.loads(json.dumps(found.certificate))
    assert verify(data).traced
    wrong: list[dict[str, Any]] = [{"conjecture": "other"}, {"kind": "other"}, {"method": "gd"}]
    changes = {"heavy-ball": {"steps": "1"}, "adam-online": {"loss": "3"}}
    wrong.append({"data": {**data["data"], **changes[method]}})
    wrong.append({"data": {n: v for n, v in data["data"].items() if n != "start"}})
    if data["certificates"]:
        wrong += [{"certificates": data["certificates"][1:]}, {"certificates": []}]
        wrong.append({"data": {**data["data"], "slopes": ["6", "-2", "-2"]}})
    for change in wrong:
        with pytest.raises((Rejected, Malformed, BadInput)):
            verify({**data, **change})


def test_conjectures_are_listed() -> None:
    rows = {(r.method, r.conjecture): r for r in conjectures()}
    assert rows["adam-online", "regret"].counterexample
    assert rows["heavy-ball", "polyak-tuning"].counterexample
    assert not rows["adam", "momentum"].counterexample


@pytest.mark.parametrize(
    ("at", "changes"),
    [
        ({}, {"slopes": (Fraction(2), Fraction(-1), Fraction(-1))}),  # C = 2 costs nothing for certain
        ({"beta": Fraction(99, 100)}, {}),  # memory long enough
        ({}, {"loss": Fraction(5, 2)}),
        ({}, {"start": Fraction(0)}),
    ],
)
def test_other_games_are_not_lost(at: dict[str, Fraction], changes: dict[str, Any]) -> None:
    with pytest.raises(NotRefuted):
        online(at, **changes)


def test_enclosures_enclose() -> None:
    two = Enclosure.of(2).root()
    assert two.low**2 < 2 < two.high**2
    assert two.high - two.low < Fraction(1, 2**120)
    assert (two * two).low <= 2 <= (two * two).high
    assert (1 / two - two / 2).low <= 0 <= (1 / two - two / 2).high
    assert Enclosure.of(Fraction(9, 4)).root().number == Fraction(3, 2)
    with pytest.raises(ZeroDivisionError):
        1 / (two - two)
    with pytest.raises(ValueError, match="negative"):
        (two - 2).root()
