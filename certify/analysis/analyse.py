"""``certify METHOD``: pose every theorem that applies, prove it, cross-check it twice, and say what was established."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any

from certify.analysis import catalogue
from certify.analysis.bundles import bundle
from certify.analysis.conclude import NoProgress, conclude
from certify.analysis.conjectures import judged
from certify.analysis.errors import BadInput
from certify.analysis.explain import explain
from certify.analysis.formulas import condition_formula
from certify.analysis.implications import implied_certificates
from certify.analysis.one_step import one_step
from certify.analysis.requests import Space, chosen_theorems, parameter_ties, space
from certify.analysis.results import Analysis, Formula, ProofPart, TheoremResult, Verdict
from certify.analysis.runner import FAILED
from certify.analysis.vacuity import NO_EXAMPLE, vacuous
from certify.analysis.worker import Worker
from certify.language import (
    Assumption,
    DoesNotApply,
    Method,
    OutOfDomain,
    Problem,
    Scalar,
    Theorem,
    UnknownSign,
    pose,
)
from certify.language.problems import applies
from certify.language.text import scalar_text
from certify.prove.consistency import consistency
from certify.prove.prover import Proved, prove

PLANE_SECONDS = 4.0
"""Time to look for a counterexample to a theorem that is not claimed in a norm."""

ONLY_ONE_STEP = "the inequality for one step is not what is refuted, but what it takes to go on from step to step"

Progress = Callable[[str, int, int], None]


def analyse(
    method: str,
    assumptions: Sequence[str] = (),
    *,
    measure: str | None = None,
    theorems: Sequence[str] = (),
    values: Sequence[str] = (),
    norm: str = "euclidean",
    sdp: bool = True,
    simulate: bool = True,
    seconds: float = 30.0,
    seed: int = 0,
    progress: Progress | None = None,
) -> Analysis:
    """Analyse a method under assumptions (all assumptions of its theorems, one group at a time, if none is given).

    `values` are rules such as ``"gamma=1/L"``; `norm` is ``euclidean``, ``any`` or the name of a norm, for which
    ``"norm=linf"`` among the values says the same. Raises `BadInput`.
    """
    start = time.monotonic()
    kind = catalogue.load_method(method)
    where, values = space(norm, values, kind.home)
    given = [catalogue.load_assumption(a) for a in assumptions]
    groups = [tuple(given)] if given else list(dict.fromkeys(t.assumptions for t in kind.theorems().values()))
    general = bool(kind.conjectures) and not (given or theorems or measure)
    only = general and not kind.theorems()
    chosen = [] if only else chosen_theorems(kind, groups, bool(given), measure, theorems, where)
    bound = parameter_ties(kind, [a for g in groups for a in g], values)
    ask = _Question(method, tuple(assumptions), kind, bound, where, sdp, seconds, seed)
    results: list[TheoremResult] = []
    tickets: list[int | None] = []
    with ExitStack() as stack:
        worker = stack.enter_context(Worker()) if simulate and where.norm != "any" else None
        posed = [_posed(ask, group, theorem, worker) for group, theorem in chosen]
        for i, each in enumerate(posed):
            if progress:
                progress(each.identifier, i, len(chosen))
            result, ticket = _one(ask, each, worker, simulate)
            results.append(result)
            tickets.append(ticket)
        if worker is not None and any(t is not None for t in tickets):
            if progress:
                progress("trajectories", len(chosen) - 1, len(chosen))
            found = worker.results()
            results = [_with_trajectories(r, _runs(r, found, t)) for r, t in zip(results, tickets, strict=True)]
    if general:
        results += [judged(kind, c) for c in kind.conjectures]
    if progress:
        progress("", len(chosen), len(chosen))
    supposed = [a for c in kind.conjectures for a in c.assumptions] if general else []
    shown = dict.fromkeys([*(a for g, _ in chosen for a in g), *supposed])
    return Analysis(
        kind.name,
        kind.title,
        _update(kind),
        tuple((a.name, Formula(_first_line(a), a.formula)) for a in shown),
        ({"norm": where.norm} if where.concrete else {}) | {n: scalar_text(v) for n, v in bound.items()},
        tuple(results),
        time.monotonic() - start,
    )


@dataclass(frozen=True)
class _Question:
    """What was asked, for all theorems alike."""

    source: str
    assumption_sources: tuple[str, ...]
    kind: type[Method]
    values: Mapping[str, Scalar]
    where: Space
    sdp: bool
    seconds: float
    seed: int

    def sources(self, posed: tuple[type[Assumption], ...]) -> list[str]:
        """Names or paths by which another process finds the assumptions."""
        given = {catalogue.load_assumption(a): a for a in self.assumption_sources}
        return [given.get(a, a.name) for a in posed]


@dataclass(frozen=True)
class _Posed:
    """A theorem before its proof: the problem (or why there is none), and the ticket of its runs if they have begun."""

    theorem: Theorem
    identifier: str
    notes: tuple[str, ...]
    asked: bool
    posed: tuple[type[Assumption], ...]
    implied: Any
    problem: Problem | str
    runs: int | None


def _posed(ask: _Question, group: tuple[type[Assumption], ...], theorem: Theorem, worker: Worker | None) -> _Posed:
    """Pose the theorem; runs that need nothing from its proof begin at once."""
    kind, values, norm = ask.kind, ask.values, ask.where.traced
    identifier = "/".join((kind.name, "+".join(a.name for a in group), theorem.name))
    notes = () if applies(theorem, group) else ("not claimed under this assumption; asked to see whether it survives",)
    if asked := ask.where.asked(theorem):
        notes = (f"not claimed in the norm {ask.where.norm}; asked to see whether it survives",)
    elif ask.where.concrete:
        notes = (*notes, f"proved in any norm, so in {ask.where.norm} too")

    elif kind.home == "any":
        notes = (*notes, *(n for a in theorem.assumptions for n in a.notes))
    elif ask.where.traced == "layers":
        notes = (*notes, *_layer_notes(kind, theorem))

    posed, implied = group, ()
    if applies(theorem, group) and theorem.assumptions != group:
        implied = implied_certificates(group, theorem.assumptions, norm)
        if implied is not None:
            posed = theorem.assumptions
            notes = (
                *notes,
                f"posed under {_names(posed)}, which {_names(group)} implies",
            )
    problem: Problem | str
    try:
        problem = pose(kind, posed, theorem, values, norm)
    except OutOfDomain as error:
        problem = f"outside the range of this theorem: {error}"
    except (UnknownSign, DoesNotApply) as error:
        problem = f"the claim cannot be stated: {error}"
    early = worker is not None and isinstance(problem, Problem) and not problem.goal.unknown and not asked
    runs = _submitted(ask, worker, posed, problem) if early else None
    return _Posed(theorem, identifier, notes, asked, posed, implied, problem, runs)


def _submitted(
    ask: _Question, worker: Worker, posed: tuple[type[Assumption], ...], problem: Problem, cases: Sequence[Any] = ()
) -> int:
    return worker.submit(ask.source, ask.sources(posed), problem, cases, ask.values, ask.where.norm, ask.seed)


def _one(ask: _Question, posed: _Posed, worker: Worker | None, simulate: bool) -> tuple[TheoremResult, int | None]:
    """The result for one theorem, and the ticket of its trajectories if they belong to it."""
    kind, theorem, problem = ask.kind, posed.theorem, posed.problem
    start = time.monotonic()
    statement = Formula(theorem.statement, theorem.statement)

    def unproved(
        tried: Sequence[str], counterexample: Any = None, one_step: Formula | None = None
    ) -> tuple[TheoremResult, int | None]:
        data = None if counterexample is None else counterexample.to_json() | {"text": counterexample.describe()}
        more = (ONLY_ONE_STEP,) if posed.asked and data and data["inequality"].startswith("support") else ()
        result = TheoremResult(
            posed.identifier,
            theorem.measure.name,
            statement,
            one_step or statement,
            Verdict.OPEN if data is None else Verdict.REFUTED,
            source=theorem.source,
            update=_own_update(kind, theorem),
            notes=(*(n for n in posed.notes if not n.startswith("proved ")), *more),
            tried=tuple(tried),
            counterexample=data,
            seconds=time.monotonic() - start,
        )
        return result, None

    if isinstance(problem, str):
        return unproved([problem])
    if posed.asked and simulate and (counterexample := _refute_in_norm(ask, posed.posed, theorem)):
        return unproved([], counterexample)
    proved = prove(problem, seconds=ask.seconds, seed=ask.seed)
    shown = one_step(problem, proved)
    cases = proved.derived if problem.goal.unknown else ()

    def runs() -> int | None:
        late = posed.runs is None and worker is not None
        return _submitted(ask, worker, posed.posed, problem, cases) if late else posed.runs

    if not proved.proved:
        found = _refute(ask, posed.posed, theorem, proved) if simulate else None
        result, _ = unproved(proved.tried, found, shown)
        return result, runs() if found is None else None
    held = consistency(problem)
    if held.contradiction is not None:
        result, _ = unproved([], None, shown)
        return vacuous(result, problem, held), None
    notes = (*posed.notes, NO_EXAMPLE) if held.unknown else posed.notes
    try:
        ends = conclude(proved)
    except NoProgress as error:
        return unproved([str(error)], None, shown)
    ticket = runs()
    worst, contradiction = _worst_case(ask, problem, proved)
    result = TheoremResult(
        posed.identifier,
        theorem.measure.name,
        statement,
        shown,
        Verdict.PROVED,
        step_size=ends.step_size,
        rate=ends.rate,
        optimal=ends.optimal,
        bound=ends.bound,
        complexity=ends.complexity,
        lemma=ends.conclusion.about,
        proof=_proof(proved),
        certificate=bundle(proved, posed.identifier, ends.strict, posed.implied or ()),
        source=theorem.source,
        update=_own_update(kind, theorem),
        notes=notes,
        worst_case=worst,
        contradiction=contradiction,
        seconds=time.monotonic() - start,
    )
    return result, ticket


def _update(kind: type[Method]) -> Formula:
    return Formula(_first_line(kind), kind.formula)


def _own_update(kind: type[Method], theorem: Theorem) -> Formula | None:
    """The step of the variant that the theorem is about, if it is not the method's own."""
    return None if theorem.variant is None or theorem.variant is kind else _update(theorem.variant)


def _layer_notes(kind: type[Method], theorem: Theorem) -> tuple[str, ...]:
    """What holds for all norms holds for those of the method; and what its assumptions do not say."""
    own = f", so for those of {kind.name}: {', '.join(kind.layer_norms)}" if len(kind.layer_norms) == 1 else ""
    general = f"proved for any number p of layers with any norms{own}"
    return (general, *(n for a in theorem.assumptions for n in a.notes))


def _names(assumptions: tuple[type[Assumption], ...]) -> str:
    return ", ".join(a.name for a in assumptions)


def _worst_case(ask: _Question, problem: Problem, proved: Proved) -> tuple[Mapping[str, Any] | None, str | None]:
    """The exact worst case of one step, and a sentence if it contradicts the proof."""
    if not ask.sdp or ask.where.norm != "euclidean" or not problem.method.stateless():
        return None, None
    from certify.pep.step.one_step import cross_check

    worst = cross_check(problem, proved.goals(), seed=ask.seed)
    if worst is None:
        return None, None
    return worst.to_json(), "an exact worst case exceeds the proved bound" if worst.contradicts else None


def _runs(result: TheoremResult, found: Sequence[Any], ticket: int | None) -> Mapping[str, Any] | None:
    """The runs that belong to the result; what could not be proved may not be fit to run either."""
    runs = None if ticket is None else found[ticket]
    if runs is None or FAILED not in runs:
        return runs
    if result.verdict is Verdict.PROVED:
        raise RuntimeError(f"the runs of {result.identifier} failed: {runs[FAILED]}")
    return None


def _with_trajectories(result: TheoremResult, runs: Mapping[str, Any] | None) -> TheoremResult:
    """The result with its trajectories; violations contradict the proof and are reported loudly.

    Without a proof they say that the claim is false, in floating point: not exactly, so that it stays open.
    """
    if runs is None or not runs["violations"]:
        return replace(result, trajectories=runs)
    if result.verdict is Verdict.OPEN:
        note = f"{runs['violations']} of {runs['runs']} runs exceed it: false, as far as floating point can tell"
        return replace(result, trajectories=runs, notes=(*result.notes, note))
    return replace(
        result, trajectories=runs, contradiction=f"{runs['violations']} trajectories exceed the proved bound"
    )


def _refute(ask: _Question, posed: tuple[type[Assumption], ...], theorem: Theorem, proved: Proved) -> Any:
    from certify.simulate.counterexample import BrokenDeclaration
    from certify.simulate.refute import refute

    goals = None if proved.problem.goal.unknown else proved.goals()
    try:
        return refute(ask.kind, posed, theorem, goals, ask.values, seconds=min(ask.seconds, 10.0), seed=ask.seed)
    except BrokenDeclaration as error:
        raise BadInput(str(error)) from error


def _refute_in_norm(ask: _Question, posed: tuple[type[Assumption], ...], theorem: Theorem) -> Any:
    from certify.simulate.plane_refute import refute_in_plane

    seconds = min(ask.seconds, PLANE_SECONDS)
    return refute_in_plane(ask.kind, posed, theorem, ask.where.norm, ask.values, seconds=seconds, seed=ask.seed)


def _proof(proved: Proved) -> tuple[ProofPart, ...]:
    parameters = list(proved.problem.method.parameters())
    places = "coordinates" if proved.problem.theorem.coordinates else "layers"
    parts = []
    for part in proved.parts:
        for case in part.cases:
            conditions = tuple(condition_formula(c, parameters) for c in case.conditions)
            parts.append(explain(part.role, case.certificate, conditions, places=places))
    return tuple(parts)


def _first_line(kind: type) -> str:
    return " ".join((kind.__doc__ or "").strip().split("\n\n")[0].split())
