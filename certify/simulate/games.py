"""Online games on an interval, played through a method's own step in enclosures: exact bounds on regret.

The first rounds are played; that all later rounds are alike is certified (see `certify.simulate.endless`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from certify.kernel import Certificate
from certify.language.conjectures import LinearGame
from certify.language.enclosures import Enclosure
from certify.language.methods import Method
from certify.simulate.traps import NotRefuted


@dataclass(frozen=True)
class Lost:
    """What a game cost: `regret` is a lower bound on the regret after `steps` steps.

    By the certificates every later round costs at least as much as the game says, too.
    """

    steps: int
    regret: Fraction
    certificates: tuple[Certificate, ...]


class _Linear:
    """x ↦ slope · x."""

    def __init__(self, slope: Fraction) -> None:
        self.slope = slope

    def gradient(self, x: Any) -> Enclosure:
        """The slope."""
        return Enclosure.of(self.slope)


def lost(method: type[Method], at: Mapping[str, Fraction], game: LinearGame) -> Lost:
    """Play a game for some rounds, and certify that all later rounds are alike.

    **Raises:** NotRefuted unless every round begins at `game.start` exactly, and costs at least `game.loss` more than
    staying at `game.best`.
    """
    from certify.simulate.endless import endless

    if not game.low <= game.best <= game.high or game.loss <= 0:
        raise NotRefuted("the best point must lie in the interval, and the loss be positive")
    made = method(**at)
    state = start = made.start(Enclosure.of(game.start), _Linear(game.slopes[0]))
    total = Fraction(0)
    rounds = game.steps // len(game.slopes)
    for k in range(rounds):
        if made.output(state).number != game.start:
            raise NotRefuted(f"round {k + 1} does not begin at {game.start}")
        cost = Enclosure.of(0)
        for i, slope in enumerate(game.slopes):
            cost = cost + slope * (made.output(state) - game.best)
            state = made.advance(k * len(game.slopes) + i, state, _Linear(slope))
        if cost.low < game.loss:
            raise NotRefuted(f"round {k + 1} costs {float(cost.low):.3g} only")
        total += cost.low
    if made.output(state).number != game.start:
        raise NotRefuted(f"round {rounds + 1} does not begin at {game.start}")
    return Lost(rounds * len(game.slopes), total, endless(made, start, game, rounds))
