"""Counterexamples to whole runs are replayed exactly, and data that refute nothing are refused."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from certify.analysis.analyse import analyse
from certify.analysis.results import Verdict
from certify.language import LinearGame, Trap
from certify.language.enclosures import Enclosure
from certify.methods.adam_online import OnlineAdam
from certify.methods.heavy_ball import HeavyBall
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


def test_three_steps_of_adam_cost_two() -> None:
    game = online()
    assert game.steps == 300
    assert game.regret >= 200


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
