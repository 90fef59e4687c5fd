"""Solving a model with few inequalities: begin with neighbours, add the pairs that the solution violates, repeat.

Leaving inequalities out can only raise the upper end, so every bound on the way is valid; when nothing is violated
nothing was lost. All of it happens in sparse coordinates (see `frame`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np

from certify.language import Evaluation
from certify.pep.engine.bounds import Bound
from certify.pep.engine.conic import Answer, primal
from certify.pep.engine.limited import Report
from certify.pep.engine.problem import MatrixRow, Problem, Row
from certify.pep.engine.solve import TOLERANCE, Clock, Prepared, finish, optimum, prepare, solve
from certify.pep.engine.solvers import CLARABEL
from certify.pep.engine.threads import one_thread
from certify.pep.modelling.expressions import Point
from certify.pep.modelling.frame import Frame
from certify.pep.modelling.ledger import Ledger
from certify.pep.modelling.pairs import Pair, Pairs
from certify.pep.modelling.records import Records

FEW = 24
"""Problems with at most so many pairs are solved with all of them."""
MANY = 12_000
"""With more pairs than this a worst case is not searched for unless asked: it must satisfy each of them exactly."""
ROUNDS = 12
SHORT = 3
"""Coordinates of a vector, on average, with which a basis is taken at once."""
EVEN = 1e3
"""A basis in which coordinates differ by more than this factor is not used."""
VIOLATION = 1e-7
"""Relative to the largest function value or squared norm of the solution."""


class Sparse:
    """A model in sparse coordinates, ready to be written down with any set of pairs."""

    def __init__(self, model: Ledger) -> None:
        skeleton = model.problem(paired=False)  # first, because it may evaluate functions at further points
        families = [
            (name, a, tuple(owner.evaluations))
            for owner in model.owners
            if isinstance(owner, Records)
            for name, a in owner.named()
        ]
        self.frame = frame = best_frame(model, [e for _, _, points in families for e in points])
        self.off = model.switched_off
        self.pairs = [Pairs(name, a, tuple(map(frame.evaluation, points))) for name, a, points in families]
        self.skeleton = Problem(
            vectors=tuple(frame.target.vectors),
            values=tuple(model.values),
            objective=frame.terms(skeleton.objective),
            inequalities=tuple(Row(r.name, frame.terms(r.terms), r.note) for r in skeleton.inequalities),
            equations=tuple(Row(r.name, frame.terms(r.terms), r.note) for r in skeleton.equations),
            matrices=tuple(
                MatrixRow(m.name, tuple(tuple(map(frame.terms, row)) for row in m.rows), m.note)
                for m in skeleton.matrices
            ),
            relaxations=skeleton.relaxations,
        )

        skeleton = self.skeleton
        self.taken = {r.name for r in (*skeleton.inequalities, *skeleton.equations, *skeleton.matrices)}

    def everything(self) -> list[tuple[Pairs, Pair]]:
        """All pairs."""
        return [(family, pair) for family in self.pairs for pair in family.index]

    def backbone(self) -> list[tuple[Pairs, Pair]]:
        """The pairs that most proofs consist of."""
        return [(family, pair) for family in self.pairs for pair in family.backbone()]

    def tangents(self) -> list[tuple[Pairs, Pair]]:
        """Half of the backbone: the pairs to begin with for an upper end of function values."""
        return [(family, pair) for family in self.pairs for pair in family.tangents()]

    def problem(self, chosen: Iterable[tuple[Pairs, Pair]]) -> Problem:
        """The exact problem with the chosen pairs only."""
        found = [row for family, pair in chosen if (row := family.row(pair)) is not None]
        rows = []
        for row in found:
            name = row.name
            while name in self.taken:
                name += "'"
            rows.append(row if name == row.name else replace(row, name=name))
        kept = [row for row in rows if row.name not in self.off]
        return replace(self.skeleton, inequalities=(*self.skeleton.inequalities, *kept))


def best_frame(model: Ledger, evaluations: Sequence[Evaluation]) -> Frame:
    """Of a few natural bases the one in which the points and gradients have the fewest coordinates of similar size.

    With momentum the iterates are a poor basis: gradients are combinations of all of them, with coefficients that fall
    off like powers of two, and a solver sees conditions that are nearly dependent.
    """

    names, sized = _names(evaluations), []
    for points in (model.trail, [e.point for e in evaluations], ()):
        if not points and points != ():
            continue
        frame = Frame(model, _by_age(points), names)
        images = [frame.evaluation(e) for e in evaluations]
        vectors = [v.floats for e in images for v in (e.point, e.subgradient or e.point)]
        sizes = [abs(c) for v in vectors for c in v.values()]
        uneven = points != () and bool(sizes) and max(sizes) > EVEN * min(sizes)
        if not uneven and len(sizes) <= SHORT * len(vectors):
            return frame  # no basis can be much better
        sized.append((uneven, len(sizes), frame))
    return min(sized, key=lambda item: item[:2])[2]


@one_thread
def solve_lazily(
    model: Ledger,
    *,
    tolerance: Fraction = TOLERANCE,
    solver: str = CLARABEL,
    lower: bool | None = None,
    exact: bool = False,
    report: Report | None = None,
) -> Bound:
    """An exact interval around a model's worst case; see `certify.pep.engine.solve.solve` for the arguments.

    With ``lower=None`` the lower end is computed unless there are very many pairs. Models with vectors of several
    spaces are solved as they are: sparse coordinates would mix them.
    """
    if any(home is not model.space for home in model.homes):
        wanted = lower is not False
        return solve(model.problem(), tolerance=tolerance, solver=solver, lower=wanted, exact=exact, report=report)
    clock = Clock(report)
    with clock.stage("model"):
        sparse = Sparse(model)
        everything = sparse.everything()
        wanted = len(everything) <= MANY if lower is None else lower
        if len(everything) <= FEW:
            chosen = everything
        elif wanted or any(len(key) == 2 for key in sparse.skeleton.objective):
            chosen = sparse.backbone()  # a worst case must satisfy all pairs
        else:
            chosen = sparse.tangents()
    for _ in range(ROUNDS):
        with clock.stage("model"):
            problem = sparse.problem(chosen)
        prepared = prepare(problem, clock)
        final = len(chosen) == len(everything)
        answer = optimum(prepared, clock, solver, insist=final)
        if final:
            break
        with clock.stage("model"):
            new = _missing(sparse, chosen, prepared, answer)
        if not new:
            break
        chosen = [*chosen, *new]
    complete = None
    if wanted:
        with clock.stage("model"):
            complete = problem if len(chosen) == len(everything) else sparse.problem(everything)
    return finish(prepared, answer, clock, tolerance=tolerance, everything=complete, exact=exact)


def _missing(
    sparse: Sparse, chosen: list[tuple[Pairs, Pair]], prepared: Prepared, answer: Answer
) -> list[tuple[Pairs, Pair]]:
    """The pairs to add: those that the solution violates, and the rest of the backbone with the first of them."""
    taken = set(chosen)
    spine = [item for item in sparse.backbone() if item not in taken]
    if answer.status != "optimal" or not prepared.sieved.faithful:
        return spine or [item for item in sparse.everything() if item not in taken]
    found = _violated(sparse, *primal(prepared.dual, prepared.data, answer))
    new = [(family, pair) for _, family, pair in found if (family, pair) not in taken]
    new = new[: 2 * len(prepared.problem.vectors)]
    return [*spine, *(item for item in new if item not in set(spine))] if new else []


def _violated(sparse: Sparse, gram: np.ndarray, values: np.ndarray) -> list[tuple[float, Pairs, Pair]]:
    """The pairs that the solution violates, the worst first; not if the Gram matrix itself is violated by more."""
    scale = max(np.abs(np.diagonal(gram)).max(initial=0.0), np.abs(values).max(initial=0.0))
    found = [
        (s, family, pair) for family in sparse.pairs for s, pair in family.violated(gram, values, VIOLATION * scale)
    ]
    doubt = -np.linalg.eigvalsh(gram)[0] if found else 0.0
    found = [item for item in found if item[0] < -doubt]
    return sorted(found, key=lambda item: item[0])


def _names(evaluations: Sequence[Evaluation]) -> dict[Point, str]:
    """Names for points without a name of their own: x1 for the point at which the first function is evaluated as 1."""
    names: dict[Point, str] = {}
    for e in evaluations:
        if e.label.isdigit() and f"x{e.label}" not in names.values():
            names.setdefault(e.point, f"x{e.label}")
    return names


def _by_age(points: Iterable[Point]) -> list[Point]:
    """Points in the order in which their newest basis vectors were made."""
    return sorted((p for p in points if p.coefficients), key=lambda p: max(p.coefficients))
