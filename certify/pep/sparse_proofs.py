"""Proofs with few multipliers: which of the inequalities does a bound need?

An interior-point solver spreads the proof over every inequality that may take part. Re-weighted ℓ1 minimisation
(Candès, Wakin, Boyd, J. Fourier Anal. Appl. 14 (2008)) at a hardly larger bound gathers it on few of them; then
relations are left out in groups, and at last one by one, as long as the bound stays within a tolerance. What is left
is rounded and checked by the kernel like every other bound, with simple fractions where they prove it as well.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.sparse as sp

from certify.pep.engine import solvers
from certify.pep.engine.bounds import Bound
from certify.pep.engine.conic import Answer, Conic, number
from certify.pep.engine.problem import AND, DERIVED, Problem
from certify.pep.engine.solve import TOLERANCE, Clock, Prepared, finish, optimum, prepare
from certify.pep.engine.threads import one_thread
from certify.pep.modelling.lazily import solve_lazily
from certify.pep.short_numbers import simplified

if TYPE_CHECKING:
    from certify.kernel.worst_case import UpperBound
    from certify.pep.modelling.ledger import Ledger

ROUNDS = 6
SLACK = 1e-7
"""How far above the optimum, relative to it, the sum of weighted multipliers is minimised."""
NEGLIGIBLE = 1e-6
"""Multipliers below this, relative to the largest one, are left out."""
LARGEST = 1_000
"""Of problems with more inequalities than this only those are written down that the given bound uses."""
SMALL = 150
"""Problems with at most so many relations are searched from all of them, too; others from those of the given bound."""


class Session:
    """A problem that is solved again and again with some of its relations left out; nothing is written down twice.

    session = Session(bound.problem)
    session.value(without={"f:smooth-convex[1←0]"})     # a solver's word
    session.bound(without={"f:smooth-convex[1←0]"})     # an exact bound
    """

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.clock = Clock()

    @cached_property
    def prepared(self) -> Prepared:
        """The dual of the whole problem, and its data in floating point."""
        return prepare(self.problem, self.clock)

    @cached_property
    def relations(self) -> tuple[str, ...]:
        """The names of all inequalities and equations, which may be left out (matrices may not)."""
        return tuple(r.name for r in (*self.problem.inequalities, *self.problem.equations))

    def value(self, without: Collection[str] = ()) -> float | None:
        """The optimum without these relations, by a solver in floating point; None if it is infinite."""
        if self.prepared.sieved.contradiction:
            return None
        known = {v.name for v in self.prepared.dual.variables}
        if not known.issuperset(without):  # what such a relation made vanish is back
            return Session(self.rest(without)).value()
        return self.ask(self.kept(without)).value

    def bound(self, without: Collection[str] = (), *, tolerance: Fraction = TOLERANCE, lower: bool = False) -> Bound:
        """The exact interval without these relations. A lower end would belong to the problem that is left."""
        rest, clock = self.rest(without), Clock()
        prepared = prepare(rest, clock)
        answer = optimum(prepared, clock)
        return finish(prepared, answer, clock, tolerance=tolerance, everything=rest if lower else None)

    def rest(self, without: Collection[str]) -> Problem:
        """The problem without these relations and what was derived from them."""
        off = frozenset(without)
        self._known(off)

        def derived(name: str) -> bool:
            return DERIVED in name and not off.isdisjoint(name.split(DERIVED)[0].split(AND))

        return replace(
            self.problem,
            inequalities=tuple(r for r in self.problem.inequalities if r.name not in off),
            equations=tuple(r for r in self.problem.equations if not (r.name in off or derived(r.name))),
        )

    def kept(self, without: Collection[str]) -> np.ndarray:
        """The variables of the dual that remain."""
        off = frozenset(without)
        self._known(off)
        return np.array([i for i, v in enumerate(self.prepared.dual.variables) if v.name not in off], dtype=int)

    def ask(self, kept: np.ndarray, weights: np.ndarray | None = None, limit: float = 0.0) -> Answer:
        """Solve with these variables; with `weights`, minimise Σ weight·λ at a bound of at most `limit`.

        `value` and `limit` contain the constant of the objective.
        """
        data, constant = self.prepared.data, number(self.prepared.dual.constant)
        signed = np.array(self.prepared.dual.signed, dtype=int)
        lines = np.flatnonzero(np.isin(signed, kept)) + data.zeros
        first, last = np.arange(data.zeros), np.arange(data.zeros + data.orthant, len(data.b))
        rows = np.concatenate([first, lines, last])
        A, b, q = sp.csr_matrix(data.A[:, kept])[rows], data.b[rows], data.q[kept]
        if weights is None:
            answer = solvers.call(Conic(q, sp.csc_matrix(A), b, data.zeros, len(lines), data.sizes))
            value = None if answer.value is None or answer.status not in _USABLE else answer.value + constant
            return replace(answer, value=value)
        scale = max(abs(limit - constant), 1e-12)
        A = sp.vstack([A[: data.zeros], sp.csr_matrix(q / scale), A[data.zeros :]])
        b = np.concatenate([b[: data.zeros], [(limit - constant) / scale], b[data.zeros :]])
        return solvers.call(Conic(weights[kept], sp.csc_matrix(A), b, data.zeros, len(lines) + 1, data.sizes))

    def _known(self, names: Collection[str]) -> None:
        unknown = sorted(set(names) - set(self.relations))
        if unknown:
            raise KeyError(f"there is no inequality or equation {unknown[0]!r}")


_USABLE = ("optimal", "inaccurate")


@dataclass(frozen=True)
class SparseProof:
    """A bound whose upper end needs few multipliers; `before` and `after` count them."""

    bound: Bound
    before: int
    after: int


@one_thread
def sparse_proof(bound: Bound, *, tolerance: Fraction = TOLERANCE, simple: bool = True) -> SparseProof:
    """The same bound with few multipliers.

    **Arguments:** `tolerance` says how much larger, relative to it, the bound may become; `simple` asks for fractions
    with small denominators.

    **Returns:** a proof accepted by the kernel; the given one if no other was found. The lower end stays as it is.

    **Raises:** ValueError if the bound has no exact upper end.
    """
    certificate = bound.upper_certificate
    if certificate is None:
        raise ValueError("there is no exact upper bound whose proof could be made sparse")
    before = _count(certificate)
    search = _Search(Session(_relevant(bound)), certificate, tolerance)
    for support in search.supports():
        off = frozenset(search.session.relations) - support
        found = search.session.bound(off, tolerance=tolerance).upper_certificate
        if found is None:
            continue
        if simple:
            limit = max(found.bound, certificate.bound)  # the exact optimum is below both
            used = [r.name for r in (*found.problem.inequalities, *found.problem.equations)]
            found = simplified(search.session.rest(frozenset(search.session.relations) - set(used)), found, limit)
        if found.bound > certificate.bound + _allowed(certificate.bound, tolerance):
            continue
        if _count(found) <= before:
            return SparseProof(replace(bound, upper_certificate=found), before, _count(found))
    return SparseProof(bound, before, before)


def solve_sparsely(model: Ledger, **options: Any) -> Bound:
    """`Model.solve`, then `sparse_proof`; a bound without an exact upper end is returned as it is."""
    bound, tolerance = solve_lazily(model, **options), options.get("tolerance", TOLERANCE)
    if report := options.get("report"):
        report(bound)
    return bound if bound.upper_certificate is None else sparse_proof(bound, tolerance=Fraction(tolerance)).bound


class _Search:
    """From many multipliers to few."""

    def __init__(self, session: Session, bound: UpperBound, tolerance: Fraction) -> None:
        self.session = session
        self.used = frozenset(bound.multipliers) | frozenset(bound.equation_multipliers)
        self.names = np.array([v.name for v in session.prepared.dual.variables])
        self.movable = frozenset(self.names.tolist()) & frozenset(session.relations)
        self.fixed = (self.used & frozenset(session.relations)) - self.movable
        """Relations that made vectors vanish before any solver was asked: they stay."""
        self.sizes = np.ones(len(self.names))
        """The multipliers of the last weighted ℓ1 minimisation."""
        value = session.value()
        known = float(bound.bound)
        self.optimum = known if value is None else min(value, known)
        self.most = self.optimum + max(0.5 * float(tolerance), 2 * SLACK) * max(abs(self.optimum), 1e-6)

    def supports(self) -> Iterator[frozenset[str]]:
        """Sets of relations that suffice according to a solver, the smallest first."""
        everything = self.movable | self.fixed
        starts = [everything & self.used, everything] if len(everything) <= SMALL else [everything & self.used]
        paths = []
        for among in dict.fromkeys(starts):
            path, start = [among], self._gathered(among)
            if self._suffices(start):
                path.append(start)
            path.extend(self._pruned(path[-1]))
            paths.append(path)
        seen = sorted({support for path in paths for support in path}, key=lambda s: (len(s), sorted(s)))
        yield from seen

    def _gathered(self, among: frozenset[str]) -> frozenset[str]:
        """Where a few rounds of weighted ℓ1 minimisation leave the multipliers."""
        dual = self.session.prepared.dual
        limit = self.optimum + SLACK * max(abs(self.optimum), 1e-6)
        signed = np.zeros(len(dual.variables))
        signed[list(dual.signed)] = 1.0
        weights, kept = signed, self.session.kept(frozenset(self.session.relations) - among)
        sizes = np.ones(len(dual.variables))
        for _ in range(ROUNDS):
            answer = self.session.ask(kept, weights, limit)
            if answer.x is None:
                break
            sizes = np.zeros(len(dual.variables))
            sizes[kept] = np.abs(answer.x)
            top = float(np.max(sizes * signed, initial=0.0)) or 1.0
            weights = signed / (sizes / top + 1e-3)
            weights /= float(np.max(weights)) or 1.0
        top = float(np.max(sizes, initial=0.0)) or 1.0
        self.sizes = sizes
        return (frozenset(self.names[sizes > NEGLIGIBLE * top].tolist()) & self.movable) | self.fixed

    def _pruned(self, support: frozenset[str]) -> Iterator[frozenset[str]]:
        """Ever smaller supports: groups of relations are dropped, halved where that fails."""
        sizes: dict[str, float] = {}
        for name, size in zip(self.names.tolist(), self.sizes.tolist(), strict=True):
            sizes[name] = max(sizes.get(name, 0.0), size)
        order = sorted(support & self.movable, key=lambda name: (sizes.get(name, 0.0), name))
        queue = [order[: len(order) // 2], order[len(order) // 2 :]]
        while queue:
            group = queue.pop(0)
            smaller = support - frozenset(group)
            if group and self._suffices(smaller):
                support = smaller
                yield support
            elif len(group) > 1:
                queue[:0] = [group[: len(group) // 2], group[len(group) // 2 :]]

    def _suffices(self, support: frozenset[str]) -> bool:
        off = frozenset(self.session.relations) - support
        answer = self.session.ask(self.session.kept(off))
        return answer.value is not None and answer.value <= self.most


def _relevant(bound: Bound) -> Problem:
    """The problem of the bound; a very large one with those relations only that its proof uses."""
    problem, certificate = bound.problem, bound.upper_certificate
    own = certificate is not None and certificate.problem.vectors == problem.vectors
    if not own or certificate is None:
        raise ValueError("the bound and its certificate are written in different coordinates")
    if len(problem.inequalities) <= LARGEST:
        return problem
    return replace(problem, inequalities=tuple(r for r in problem.inequalities if r.name in certificate.multipliers))


def _count(certificate: UpperBound) -> int:
    """How many multipliers of inequalities and equations a proof has."""
    return len(certificate.multipliers) + len(certificate.equation_multipliers)


def _allowed(value: Fraction, tolerance: Fraction) -> Fraction:
    return max(abs(value), Fraction(1, 10**6)) * tolerance


__all__ = ["Session", "SparseProof", "solve_sparsely", "sparse_proof"]
