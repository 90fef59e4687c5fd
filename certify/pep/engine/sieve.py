"""Facial reduction on exact data: what must vanish in every feasible point is removed before a solver sees it.

Dual side. A diagonal entry of the matrix inequality that is a nonpositive combination of multipliers ≥ 0 vanishes, and
with it these multipliers and its row; the row gives linear equations, the index goes. A homogeneous equation with
coefficients of one sign on multipliers ≥ 0 makes them vanish. To a fixed point; dependent equations go at the end.

Primal side. A relation ⟨A, G⟩ ≤ 0 with A ⪰ 0 makes A·v vanish (equal points): some vectors are expressed by others.
Its own multiplier is found at the end: any that is large enough (`Sieved.lift`).

Without this some problems have no strictly feasible point, and a solver's value is wrong while it looks fine.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from flint import fmpq, fmpq_mat

from certify.pep.engine.entries import Column, congruent, definite, image, without
from certify.pep.engine.exposed import Face, pivots
from certify.pep.engine.generic import Inconsistent, common_kernel, independent
from certify.pep.engine.problem import ZERO
from certify.pep.engine.program import Entry, Program
from certify.pep.engine.sieved import Sieved


class Contradiction(Exception):
    """The dual has no feasible point, or (`status` unbounded) the primal has none."""

    def __init__(self, message: str, status: str = "infeasible") -> None:
        super().__init__(message)
        self.status = status


def sieve(program: Program, face: Face | None = None, *, eliminate: bool = True) -> Sieved:
    """Remove what vanishes in every feasible point of the dual (or on a face of it), and vectors that vanish.

    Without `eliminate` the vectors stay: then `Sieved.lift` always succeeds.
    """
    state = _State(program, eliminate)
    try:
        if face is not None:
            state.confine(face)
        state.run()
    except Contradiction as found:
        return Sieved(
            program, program, tuple(range(len(program.variables))), contradiction=str(found), status=found.status
        )
    if not state.changed:
        return Sieved(program, program, tuple(range(len(program.variables))))
    return state.result()


class _State:
    """A program in the making: variables are known by their position in the original."""

    def __init__(self, program: Program, eliminate: bool) -> None:
        self.program, self.eliminate = program, eliminate
        self.columns: dict[int, Mapping[Entry, fmpq]] = dict(enumerate(program.columns))
        self.base: Mapping[Entry, fmpq] = program.base
        self.equations: list[tuple[dict[int, fmpq], fmpq]] = [({}, offset) for offset in program.offsets]
        for y, row in enumerate(program.rows):
            for v, c in row.items():
                self.equations[v][0][y] = c
        self.nonnegative = {y for y, v in enumerate(program.variables) if v.sign or _on_diagonal(v.kind, v.place)}
        self.dropped: set[tuple[int, int]] = set()
        self.vanished: list[tuple[int, int]] = []
        self.substitutions: list[tuple[int, Mapping[int, fmpq]]] = []
        self.tied: set[int] = set()
        self.independent: set[int] | None = None
        self.changed = False
        self.faithful = True

    def run(self) -> None:
        """To a fixed point."""
        progress = True
        while progress:
            while self._unused() | self._from_equations() | self._from_diagonals():
                self.changed = True
            progress = self.eliminate and self._from_primal()
            self.changed |= progress
            self.faithful &= not self.changed
        self._from_generic_point()

    # -- dual side -------------------------------------------------------------------------------------

    def _remove(self, variables: set[int]) -> bool:
        """Multipliers that are zero."""
        for y in variables:
            del self.columns[y]
        if variables:
            for terms, _ in self.equations:
                for y in variables & terms.keys():
                    del terms[y]
        return bool(variables)

    def _unused(self) -> bool:
        """Multipliers without any effect but on the cost."""
        used = set().union(*(terms.keys() for terms, _ in self.equations))
        idle = {y for y, column in self.columns.items() if not column and y not in used}
        self.tied |= {y for y in idle if self.program.variables[y].kind == "equation" and self.program.columns[y]}
        for y in idle:
            cost, variable = self.program.costs[y], self.program.variables[y]
            if cost.p < 0 or (cost and y not in self.nonnegative):
                raise Contradiction(f"no point satisfies {variable.name}", "unbounded")
        return self._remove(idle)

    def _from_equations(self) -> bool:
        """Homogeneous equations that force multipliers to vanish."""
        zero: set[int] = set()
        for terms, offset in self.equations:
            signs = {c.p > 0 for c in terms.values()}  # comparing integers is faster
            one_sided = len(signs) <= 1 and terms.keys() <= self.nonnegative
            if not offset:
                if one_sided or len(terms) == 1:
                    zero |= terms.keys()
            elif not terms or (one_sided and (offset > 0) in signs):
                raise Contradiction("an equation of the dual cannot hold: nothing bounds the objective")
        return self._remove(zero)

    def _from_diagonals(self) -> bool:
        """Diagonal entries that are ≤ 0 for all multipliers."""
        diagonal: dict[tuple[int, int], list[int]] = {}
        alive: set[tuple[int, int]] = set()
        for y, column in self.columns.items():
            sign = y in self.nonnegative
            for (block, i, j), c in column.items():
                if i == j:
                    if sign and c.p < 0:
                        diagonal.setdefault((block, i), []).append(y)
                    else:
                        alive.add((block, i))
        zero: set[int] = set()
        dead: set[tuple[int, int]] = set()
        for block, size in enumerate(self.program.sizes):
            for i in range(size):
                place = (block, i)
                if place in alive or place in self.dropped:
                    continue
                constant = self.base.get((block, i, i), ZERO)
                if constant < 0:
                    raise Contradiction(
                        "a diagonal entry is negative for all multipliers: nothing bounds the objective"
                    )
                if not constant:
                    dead.add(place)
                    zero.update(diagonal.get(place, ()))
        self._remove(zero)
        if dead:
            self._vanish(dead)
        return bool(zero or dead)

    def _vanish(self, dead: set[tuple[int, int]]) -> None:
        """Rows of the matrix inequality that must be zero become equations."""
        equations: dict[Entry, dict[int, fmpq]] = {}
        for y, column in self.columns.items():
            hit = [e for e in column if (e[0], e[1]) in dead or (e[0], e[2]) in dead]
            if hit:
                for entry in hit:
                    equations.setdefault(entry, {})[y] = column[entry]
                self.columns[y] = {e: c for e, c in column.items() if e not in set(hit)}
        offsets = {e: c for e, c in self.base.items() if (e[0], e[1]) in dead or (e[0], e[2]) in dead}
        self.base = {e: c for e, c in self.base.items() if e not in offsets}
        for entry in equations.keys() | offsets.keys():
            self.equations.append((equations.get(entry, {}), offsets.get(entry, ZERO)))
        self.dropped |= dead

    def confine(self, face: Face) -> None:
        """Keep to a face of the dual: some multipliers vanish, and S·a = 0 for some vectors a."""
        self.changed, self.faithful = True, False
        self._remove(set(face.zeros))
        redundant: set[tuple[int, int]] = set()
        for block, kernel in enumerate(face.kernels):
            for a in kernel:
                equations: dict[int, dict[int, fmpq]] = {}
                offsets: dict[int, fmpq] = {}
                for y, column in self.columns.items():
                    for i, c in image(column, block, a).items():
                        equations.setdefault(i, {})[y] = c
                offsets = image(self.base, block, a)
                for i in equations.keys() | offsets.keys():
                    self.equations.append((equations.get(i, {}), offsets.get(i, ZERO)))
            redundant |= {(block, i) for i in pivots(kernel)}
        self.dropped |= redundant
        self.base = without(self.base, redundant)
        self.columns = {y: without(column, redundant) for y, column in self.columns.items()}

    # -- primal side -----------------------------------------------------------------------------------

    def _from_primal(self) -> bool:
        """A relation ⟨A, G⟩ ≤ 0 or = 0 with semidefinite A and nothing else: eliminate vectors by A·v = 0."""
        used = set().union(*(terms.keys() for terms, _ in self.equations))
        for y, column in self.columns.items():
            variable = self.program.variables[y]
            if variable.kind == "matrix" or y in used or self.program.costs[y] or not column:
                continue
            sign = definite(column, variable.sign)
            if sign:
                self._substitute(column)
                self.vanished.append((y, sign))
                self._remove({y})
                return True
        return False

    def _substitute(self, column: Mapping[Entry, fmpq]) -> None:
        """Express vectors by others so that the column becomes zero."""
        images: dict[tuple[int, int], list[tuple[int, fmpq]]] = {}
        for block in sorted({entry[0] for entry in column}):
            used = sorted({i for b, *pair in column if b == block for i in pair})
            where = {i: k for k, i in enumerate(used)}
            matrix = fmpq_mat(len(used), len(used))
            for (b, i, j), c in column.items():
                if b == block:
                    matrix[where[i], where[j]] = matrix[where[j], where[i]] = c
            reduced, rank = matrix.rref()
            group = self.program.vectors[block]
            for row in range(rank):
                entries = [(used[k], reduced[row, k]) for k in range(len(used)) if reduced[row, k]]
                (pivot, _), rest = entries[0], entries[1:]
                images[block, pivot] = [(i, -c) for i, c in rest]
                self.substitutions.append((group[pivot], {group[i]: -c for i, c in rest}))
        self.dropped |= images.keys()
        self.columns = {y: congruent(c, images) for y, c in self.columns.items()}
        self.base = congruent(self.base, images)

    # -- the result ------------------------------------------------------------------------------------

    def _from_generic_point(self) -> None:
        """Dependent equations, and rows of the matrix inequality that follow from the others."""
        try:
            rows, point = independent(self.equations, self.columns)
        except Inconsistent as error:
            raise Contradiction(str(error)) from None
        alive = [[i for i in range(n) if (b, i) not in self.dropped] for b, n in enumerate(self.program.sizes)]
        redundant = set(common_kernel(self.equations, self.columns, self.base, alive, point))
        if redundant:
            self.dropped |= redundant
            self.base = without(self.base, redundant)
            self.columns = {y: without(column, redundant) for y, column in self.columns.items()}
        if len(rows) < len(self.equations):
            self.independent = set(rows)
        self.changed |= bool(redundant) or self.independent is not None

    def result(self) -> Sieved:
        """The reduced program."""
        old = self.program
        kept = tuple(self.columns)
        chosen = [r for r in range(len(self.equations)) if self.independent is None or r in self.independent]
        values = tuple(old.values[r] for r in chosen if r < len(old.values))
        rows: dict[int, dict[int, fmpq]] = {y: {} for y in kept}
        for position, r in enumerate(chosen):
            for y, c in self.equations[r][0].items():
                rows[y][position] = c
        places: dict[tuple[int, int], tuple[int, int]] = {}
        sizes, vectors = [], []
        for block, size in enumerate(old.sizes):
            left = [i for i in range(size) if (block, i) not in self.dropped]
            if left:
                places.update({(block, i): (len(sizes), k) for k, i in enumerate(left)})
                sizes.append(len(left))
                vectors.append(tuple(old.vectors[block][i] for i in left) if old.vectors[block] else ())

        def renamed(entries: Mapping[Entry, fmpq]) -> Column:
            return {(*places[b, i], places[b, j][1]): c for (b, i, j), c in entries.items()}

        reduced = replace(
            old,
            variables=tuple(old.variables[y] for y in kept),
            costs=tuple(old.costs[y] for y in kept),
            values=values,
            offsets=tuple(self.equations[r][1] for r in chosen),
            rows=tuple(rows[y] for y in kept),
            sizes=tuple(sizes),
            vectors=tuple(vectors),
            base=renamed(self.base),
            columns=tuple(renamed(self.columns[y]) for y in kept),
        )
        return Sieved(
            reduced,
            old,
            kept,
            vanished=tuple(self.vanished),
            substitutions=tuple(self.substitutions),
            tied=tuple(sorted(self.tied)),
            faithful=self.faithful,
        )


def _on_diagonal(kind: str, place: tuple[int, int]) -> bool:
    return kind == "matrix" and place[0] == place[1]
