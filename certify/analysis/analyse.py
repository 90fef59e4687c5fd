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
from certify.analysis.formulas import added, condition_formula, scalar_formula
from certify.analysis.implications import implied_certificates
from certify.analysis.requests import Space, chosen_theorems, parameter_ties, space
from certify.analysis.results import Analysis, Formula, ProofPart, TheoremResult, Verdict
from certify.analysis.vacuity import NO_EXAMPLE, vacuous
from certify.analysis.worker import Worker
from certify.language import (
    Assumption,
    DoesNotApply,
    Method,
    OutOfDomain,
    Problem,
    Same,
    Scalar,
    Theorem,
    UnknownSign,
    pose,
)
from certify.language.goals import Contraction, Potential
from certify.language.problems import applies
from certify.language.scalar import exact
from certify.language.text import scalar_text
from certify.prove.consistency import consistency
from certify.prove.prover import Proved, prove

MAX_ONE_STEP = 160
"""Longer one-step inequalities are shown as the theorem's own statement."""
MAX_POTENTIAL = 500
"""The same for a potential, without which its proof says nothing."""

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
    running: list[int] = []
    with ExitStack() as stack:
        worker = stack.enter_context(Worker()) if simulate and where.norm != "any" else None
        for i, (group, theorem) in enumerate(chosen):
            if progress:
                progress(f"{kind.name}/{_names(group)}/{theorem.name}", i, len(chosen))
            result, submitted = _one(ask, group, theorem, worker, simulate)
            results.append(result)
            if submitted:
                running.append(i)
        if worker is not None and running:
            if progress:
                progress("trajectories", len(chosen) - 1, len(chosen))
            for i, runs in zip(running, worker.results(), strict=True):
                results[i] = _with_trajectories(results[i], runs)
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


def _one(
    ask: _Question, group: tuple[type[Assumption], ...], theorem: Theorem, worker: Worker | None, simulate: bool
) -> tuple[TheoremResult, bool]:
    """The result for one theorem, and whether its trajectories are under way."""
    kind, values, norm = ask.kind, ask.values, ask.where.traced
    start = time.monotonic()
    statement = Formula(theorem.statement, theorem.statement)
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

    def unproved(
        tried: Sequence[str], counterexample: Any = None, one_step: Formula | None = None
    ) -> tuple[TheoremResult, bool]:
        data = None if counterexample is None else counterexample.to_json() | {"text": counterexample.describe()}
        more = (ONLY_ONE_STEP,) if asked and data and data["inequality"].startswith("support") else ()
        result = TheoremResult(
            identifier,
            theorem.measure.name,
            statement,
            one_step or statement,
            Verdict.OPEN if data is None else Verdict.REFUTED,
            source=theorem.source,
            update=_own_update(kind, theorem),
            notes=(*notes, *more),
            tried=tuple(tried),
            counterexample=data,
            seconds=time.monotonic() - start,
        )
        return result, False

    posed, implied = group, ()
    if applies(theorem, group) and theorem.assumptions != group:
        implied = implied_certificates(group, theorem.assumptions, norm)
        if implied is not None:
            posed = theorem.assumptions
            notes = (
                *notes,
                f"posed under {_names(posed)}, which {_names(group)} implies",
            )
    try:
        problem = pose(kind, posed, theorem, values, norm)
    except OutOfDomain as error:
        return unproved([f"outside the range of this theorem: {error}"])
    except (UnknownSign, DoesNotApply) as error:
        return unproved([f"the claim cannot be stated: {error}"])
    if asked and simulate and (counterexample := _refute_in_norm(ask, posed, theorem)):
        return unproved([], counterexample)
    proved = prove(problem, seconds=ask.seconds, seed=ask.seed)
    one_step = _one_step(problem, proved)
    if not proved.proved:
        found = _refute(ask, posed, theorem, proved) if simulate else None
        result, _ = unproved(proved.tried, found, one_step)
        if worker is not None and found is None:
            worker.submit(ask.source, ask.sources(posed), proved, values, ask.where.norm, ask.seed)
        return result, worker is not None and found is None
    held = consistency(problem)
    if held.contradiction is not None:
        result, _ = unproved([], None, one_step)
        return vacuous(result, problem, held), False
    notes = (*notes, NO_EXAMPLE) if held.unknown else notes
    try:
        ends = conclude(proved)
    except NoProgress as error:
        return unproved([str(error)], None, one_step)
    if worker is not None:
        worker.submit(ask.source, ask.sources(posed), proved, values, ask.where.norm, ask.seed)
    worst, contradiction = _worst_case(ask, problem, proved)
    result = TheoremResult(
        identifier,
        theorem.measure.name,
        statement,
        one_step,
        Verdict.PROVED,
        step_size=ends.step_size,
        rate=ends.rate,
        optimal=ends.optimal,
        bound=ends.bound,
        complexity=ends.complexity,
        lemma=ends.conclusion.about,
        proof=_proof(proved),
        certificate=bundle(proved, identifier, ends.strict, implied or ()),
        source=theorem.source,
        update=_own_update(kind, theorem),
        notes=notes,
        worst_case=worst,
        contradiction=contradiction,
        seconds=time.monotonic() - start,
    )
    return result, worker is not None


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


def _one_step(problem: Problem, proved: Proved) -> Formula:
    goals = proved.goals()
    if not goals or isinstance(goals[0][1], Same):
        return Formula(problem.theorem.statement, problem.theorem.statement)
    goal = goals[0][1].shown
    mean = problem.trace.mean
    left = scalar_formula(mean(goal.sides[0]))
    if isinstance(goal, Potential):
        before = scalar_formula(mean(goal.before))
        text = f"Φ_(k+1) ≤ Φ_k, where Φ_k = {before.text}"
        if len(text) <= MAX_POTENTIAL:
            return Formula(text, rf"\Phi_{{k+1}} \le \Phi_k, \quad \Phi_k = {before.latex}")
    if isinstance(goal, Contraction) and len(goals) > 1 and not exact(goal.error).numerator:  # a rate for each case
        start = mean(goal.before)
        before, plain = scalar_formula(start), len(start.numerator.terms) == 1
        text, tex = (before.text, before.latex) if plain else (f"({before.text})", rf"\left({before.latex}\right)")
        if len(left.text + text) < MAX_ONE_STEP:
            return Formula(f"{left.text} ≤ ρ·{text}", rf"{left.latex} \le \rho\,{tex}")
    summands = [mean(s) for s in goal.summands]
    total = sum(summands[1:], summands[0])
    cancelled = len(total.numerator.terms) < sum(len(s.numerator.terms) for s in summands)
    right = scalar_formula(total) if cancelled else added([scalar_formula(s) for s in _cancelled(summands)])
    text = f"{left.text} ≤ {right.text}"
    if len(text) > MAX_ONE_STEP:
        return Formula(problem.theorem.statement, problem.theorem.statement)
    return Formula(text, rf"{left.latex} \le {right.latex}")


def _cancelled(summands: list[Scalar]) -> list[Scalar]:
    """The same with all polynomials as one summand, if terms cancel in their sum."""
    whole = [s for s in summands if not s.denominators]
    total = sum(whole, Scalar.constant(0))
    if len(total.numerator.terms) >= sum(len(s.numerator.terms) for s in whole):
        return summands
    return [*([total] if total.numerator else []), *(s for s in summands if s.denominators)]


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
