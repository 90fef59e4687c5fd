"""Steps that draw from finitely many outcomes: all states that may come next, with their chances.

The same value serves proofs, where a statement about the step is one about the mean over its outcomes, and runs, which
carry all outcomes along or follow one of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Outcomes:
    """What a step that draws may lead to: pairs of a chance and a state; the chances add up to 1."""

    cases: tuple[tuple[Any, Any], ...]

    def mean(self, quantity: Callable[[Any], Any]) -> Any:
        """Σ chance · quantity(state)."""
        first, *more = (chance * quantity(state) for chance, state in self.cases)
        for term in more:
            first = first + term
        return first

    def then(self, step: Callable[[Any], Any]) -> Outcomes:
        """What comes after another step from each of the states."""
        found: list[tuple[Any, Any]] = []
        for chance, state in self.cases:
            after = step(state)
            found += [(chance * c, s) for c, s in (after.cases if isinstance(after, Outcomes) else ((1, after),))]
        return Outcomes(tuple(found))


def expected(state: Any, quantity: Callable[[Any], Any]) -> Any:
    """E quantity(state): the mean over outcomes, or the quantity of a single state."""
    return state.mean(quantity) if isinstance(state, Outcomes) else quantity(state)
