"""What facial reduction leaves of a dual, and the way back: multipliers of the original from those of the rest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from flint import fmpq

from certify.pep.engine.entries import combination, congruent
from certify.pep.engine.problem import ZERO
from certify.pep.engine.program import Entry, Program
from certify.pep.engine.semidefinite import is_semidefinite

MOST_TIED = 1_500
"""With more equations ⟨w, v⟩ = 0 than this their multipliers are not solved for."""
LARGEST = 96
"""Multipliers of eliminated relations are tried up to two to this power."""


@dataclass(frozen=True)
class Sieved:
    """The reduced dual, and the way back. A `contradiction` (not empty) says why the dual has no optimum,
    `status` how a solver would call that: the dual is infeasible or unbounded.

    `kept` are the positions of the reduced program's variables in the original. `vanished` lists, in the order of
    elimination, the original variables whose relation made vectors vanish, with the sign of the multiplier wanted, and
    `substitutions` the vectors eliminated, each with its expression in other vectors. `tied` are multipliers of
    equations ⟨w, v⟩ = 0 for vectors w that vanish, without any part in the reduced program. `faithful`: all that was
    removed may be taken to be zero in a worst case.
    """

    program: Program
    original: Program
    kept: tuple[int, ...]
    vanished: tuple[tuple[int, int], ...] = ()
    substitutions: tuple[tuple[int, Mapping[int, fmpq]], ...] = ()
    tied: tuple[int, ...] = ()
    faithful: bool = True
    contradiction: str = ""
    status: str = ""

    def lift(self, y: Sequence[fmpq]) -> list[fmpq] | None:
        """Feasible multipliers of the original dual at the same cost; None if none were found."""
        if not self.vanished:
            return self.placed(y)
        for lifted in chain(self.balanced(y), self.lifts(y)):
            blocks = zip(self.original.matrices(lifted), self.original.sizes, strict=True)
            if all(is_semidefinite(matrix, size) for matrix, size in blocks):
                return lifted
        return None

    def placed(self, y: Sequence[fmpq]) -> list[fmpq]:
        """The multipliers at their places in the original dual, with 0 for those of eliminated relations."""
        placed = [ZERO] * len(self.original.variables)
        for position, value in zip(self.kept, y, strict=True):
            placed[position] = value
        return placed

    def balanced(self, y: Sequence[fmpq]) -> Iterator[list[fmpq]]:
        """The same with multipliers of the equations ⟨w, v⟩ = 0 that cancel every product with a w that vanishes.

        If there are enough of them S is then what the reduced program has, in the other vectors.
        """
        if not self.tied or len(self.tied) > MOST_TIED:
            return
        placed = self.placed(y)
        rest: dict[Entry, fmpq] = {
            (b, *place): c for b, block in enumerate(self.original.matrices(placed)) for place, c in block.items() if c
        }
        left: Mapping[Entry, fmpq] = rest
        where = {v: (b, i) for b, group in enumerate(self.original.vectors) for i, v in enumerate(group)}
        for vector, expression in self.substitutions:
            left = congruent(left, {where[vector]: [(where[v][1], c) for v, c in expression.items()]})
        change = {e: left.get(e, ZERO) - rest.get(e, ZERO) for e in {*left, *rest}}
        found = combination([self.original.columns[t] for t in self.tied], {e: c for e, c in change.items() if c})
        if found is not None:
            for position, value in zip(self.tied, found, strict=True):
                placed[position] = value
            yield placed

    def lifts(self, y: Sequence[fmpq]) -> Iterator[list[fmpq]]:
        """The same with ever larger multipliers of eliminated relations."""
        count = len(self.vanished)
        for power in range(0, LARGEST if count else 1, 4):
            lifted = self.placed(y)
            for k, (position, sign) in enumerate(self.vanished):
                lifted[position] = fmpq(sign) * fmpq(2) ** (power * (count - k))
            yield lifted
