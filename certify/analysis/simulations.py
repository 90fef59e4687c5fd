"""``certify simulate``: many runs of a method at given numbers, against the bounds that are proved or claimed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from certify.analysis.catalogue import load_assumption, load_method
from certify.analysis.errors import BadInput
from certify.analysis.simulation_numbers import Group, check_rules, question
from certify.analysis.simulation_request import Request
from certify.analysis.unbounded import progress as start_of_runs
from certify.assumptions.lipschitz_strongly_convex import LipschitzStronglyConvex
from certify.assumptions.smooth import Smooth
from certify.language import Assumption, DoesNotApply, Method, OutOfDomain, Rate, Theorem, UnknownSign, pose
from certify.pep.questions import BadQuestion, Question

if TYPE_CHECKING:
    from certify.simulate.comparison import Comparison
    from certify.simulate.trajectories import Trajectories

PROVED, CLAIMED, UNPROVED, TRUE = "proved in this run", "claimed", "not proved", "true of every method"
MOST = 100
"""Steps of runs in which every step is compared; their points are kept."""
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Simulation:
    """One bound and the runs that were compared with it; `comparison` is None if `reason` says why there is none.

    Where no bound after N steps can be compared, `each_step` may hold runs whose every step was compared with the
    theorem's inequality.
    """

    name: str
    statement: str
    source: str
    status: str
    measure: str
    assumptions: tuple[str, ...]
    values: Mapping[str, Fraction]
    comparison: Comparison | None = None
    reason: str = ""
    worst_case: str = ""
    each_step: Trajectories | None = None

    @property
    def violations(self) -> int:
        """Runs that exceed the bound, or in which some step does."""
        return sum(found.violations for found in (self.comparison, self.each_step) if found)


@dataclass(frozen=True)
class Simulations:
    """All of them."""

    method: str
    title: str
    request: Request
    found: tuple[Simulation, ...] = field(default=())
    distance: str = "distance 1"

    @property
    def violated(self) -> bool:
        """Whether some run exceeds some bound."""
        return any(s.violations for s in self.found)

    @property
    def contradicted(self) -> bool:
        """Whether some run exceeds a bound that was proved: an error of Certify."""
        return any(s.violations and s.status == PROVED for s in self.found)


def simulations(asked: Request, progress: Progress | None = None) -> Simulations:
    """Run them. **Raises:** `BadInput`."""
    kind = load_method(asked.method)
    found = []
    chosen = list(_chosen(kind, asked))
    if not chosen:
        raise BadInput(_nothing(kind, asked))
    check_rules(kind, [group for _, group in chosen], asked)
    _check_device(asked)
    for i, (bound, group) in enumerate(chosen):
        if progress:
            progress(bound.name, i, len(chosen))
        found.append(_simulated(kind, bound, group, asked))
    if len(found) == 1 and found[0].comparison is None and found[0].each_step is None:
        raise BadInput(f"{kind.name}/{found[0].name}: {found[0].reason}")
    several = kind.home == "layers" or any(a is LipschitzStronglyConvex for _, g in chosen for own in g for a in own)
    distance = "several distances" if several else "distance 1"
    return Simulations(kind.name, kind.title, asked, tuple(found), distance)


def _check_device(asked: Request) -> None:
    from certify.simulate.devices import NoDevice, choose

    if asked.data and find_spec("sklearn") is None:
        raise BadInput("--data needs scikit-learn: pip install 'certify-rates[data]'")
    try:
        choose(asked.device)
    except NoDevice as error:
        raise BadInput(f"--device {asked.device}: {error}") from error


def _chosen(kind: type[Method], asked: Request) -> Iterator[tuple[Theorem | Rate, Group]]:
    """The theorems and rates that are asked for, each with what it assumes of each role."""
    given = _given(kind, asked.assumptions)
    declared: dict[str, Theorem | Rate] = {**kind.theorems(), **kind.rates()}
    if not declared:
        row = start_of_runs(given or ((Smooth,),))
        declared = {row.name: row}
    for name in asked.bounds:
        if name not in declared:
            raise BadInput(f"{kind.name} has no theorem or rate {name!r}; it has {', '.join(declared)}")
    for name, bound in declared.items():
        needed = _needed(bound)
        if asked.bounds and name not in asked.bounds:
            continue
        if asked.measure not in (None, bound.measure.name) or (isinstance(bound, Theorem) and not _home(kind, bound)):
            continue
        if given is None:
            yield bound, needed
        elif len(given) == len(needed) and all(
            set(own) <= _closure(have) for own, have in zip(needed, given, strict=True)
        ):
            yield bound, given


def _needed(bound: Theorem | Rate) -> Group:
    """What is assumed of each role."""
    if isinstance(bound, Rate):
        return bound.assumptions
    return (bound.assumptions,) if bound.roles == 1 else tuple((a,) for a in bound.assumptions)


def _home(kind: type[Method], theorem: Theorem) -> bool:
    """Whether a theorem is about the space in which the method's runs are: layers, or Euclidean space."""
    return bool({kind.home if kind.home == "layers" else "euclidean", "any"} & {*theorem.norms})


def _closure(kinds: Sequence[type[Assumption]]) -> frozenset[type[Assumption]]:
    return frozenset().union(*(a.closure() for a in kinds))


def _given(kind: type[Method], texts: Sequence[str]) -> Group | None:
    """``NAME`` or ``role=NAME`` as classes for each role; None if nothing is given."""
    if not texts:
        return None
    roles: dict[str, list[type[Assumption]]] = {role: [] for role in kind.functions}
    plain = [t for t in texts if "=" not in t]
    if plain and len(kind.functions) > 1 and len(plain) != len(kind.functions):
        raise BadInput(f"{kind.name} works on {', '.join(roles)}: give one assumption for each, such as f=convex")
    for i, text in enumerate(texts):
        role, equals, name = text.partition("=")
        if not equals:
            role, name = kind.functions[i if len(kind.functions) > 1 else 0], text
        if role not in roles:
            raise BadInput(f"{kind.name} has no function {role!r}; it has {', '.join(roles)}")
        roles[role].append(load_assumption(name))
    return tuple(tuple(own) for own in roles.values())


def _nothing(kind: type[Method], asked: Request) -> str:
    what = f" about {asked.measure!r}" if asked.measure else ""
    under = f" under {', '.join(asked.assumptions)}" if asked.assumptions else ""
    return f"{kind.name} has no theorem or rate{what}{under}; `certify list {kind.name}` shows what there is"


def _simulated(kind: type[Method], bound: Theorem | Rate, group: Group, asked: Request) -> Simulation:
    """One bound, with the runs that are compared with it."""
    from certify.simulate.bounds import RowBound, TheoremBound, Unbounded, claimed
    from certify.simulate.comparison import NoFunctions, compare
    from certify.simulate.functions import UnsupportedOracle

    status, source = (CLAIMED if isinstance(bound, Rate) else UNPROVED), bound.source
    if not (kind.theorems() or kind.rates()):
        status = TRUE
    parts: dict[str, Any] = {
        "name": bound.name,
        "statement": bound.statement,
        "source": source,
        "measure": bound.measure.describe("x_N", "x_{N−1}"),
        "assumptions": tuple(a.name for own in group for a in own),
    }
    values: dict[str, Fraction] = {}
    if kind.home == "layers" and isinstance(bound, Theorem):
        return _in_layers(Simulation(**parts, status=UNPROVED, values=values), kind, group, bound, asked)
    try:
        about = kind if isinstance(bound, Rate) else bound.variant or kind
        posed = question(about, group, bound, asked)
        values = dict(posed.values)
        if isinstance(bound, Rate):
            limit: Any = RowBound(bound, claimed(bound, posed.method, posed.constants, asked.steps))
        else:
            goals, proved = _proved(kind, group[0], bound, asked)
            status, limit = (PROVED if proved else UNPROVED), TheoremBound(bound, goals)
        worst, said = _worst(posed, getattr(limit, "claims", ()), asked)
        comparison = compare(_in_floats(posed.method, bound), posed.assumptions, limit, asked, worst=worst)
    except (NoFunctions, UnsupportedOracle, Unbounded, BadQuestion, AttributeError) as error:
        return _each_step(
            Simulation(**parts, status=status, values=values, reason=str(error)), kind, group, bound, asked
        )
    except ValueError as error:
        raise BadInput(f"{kind.name}/{bound.name} cannot be run for {asked.steps} steps: {error}") from error
    except (TypeError, RuntimeError, LookupError, ArithmeticError) as error:
        raise BadInput(f"{kind.name}/{bound.name} cannot be run: {type(error).__name__}: {error}") from error
    if not comparison.compared:
        empty = Simulation(**parts, status=status, values=values, reason="nothing is claimed at these numbers")
        return empty if asked.rules else _each_step(empty, kind, group, bound, asked)
    return Simulation(**parts, status=status, values=values, comparison=comparison, worst_case=said)


def _in_layers(one: Simulation, kind: type[Method], group: Group, bound: Theorem, asked: Request) -> Simulation:
    """Runs on spaces of several layers: constants and parameters are drawn, for each run its own."""
    from certify.simulate.bounds import Unbounded
    from certify.simulate.comparison import NoFunctions, compare_layers

    if asked.rules:
        raise BadInput(f"--set is not for {kind.name}: constants and radii of layers are drawn, for each run its own")
    try:
        found = compare_layers(kind, bound, asked)
    except (Unbounded, NoFunctions) as error:
        return _each_step(replace(one, reason=str(error)), kind, group, bound, asked)
    _, proved = _proved(kind, bound.assumptions, bound, asked)
    return replace(one, status=PROVED if proved else UNPROVED, comparison=found)


def _each_step(one: Simulation, kind: type[Method], group: Group, bound: Theorem | Rate, asked: Request) -> Simulation:
    """Of a theorem without a bound to compare: every step of runs with constants and parameters of their own."""
    if isinstance(bound, Rate):
        return one
    from certify.simulate.attack import attack

    goals, proved = _proved(kind, tuple(a for own in group for a in own), bound, asked)
    assumptions = bound.assumptions if bound.roles > 1 else group[0]
    try:
        found = attack(kind, assumptions, bound, goals, runs=asked.runs, steps=min(asked.steps, MOST), seed=asked.seed)
    except (DoesNotApply, OutOfDomain, UnknownSign):
        found = None
    if found is None or not found.checked:
        return one
    return replace(one, status=PROVED if proved else UNPROVED, values={}, each_step=found)


def _worst(posed: Question, claims: Sequence[float], asked: Request) -> tuple[Any, str]:
    """The run on the worst-case function, if it is asked for and there is one, and what is said about it."""
    if not asked.worst:
        return None, ""
    from certify.analysis.worst_runs import worst_batch
    from certify.pep.witness import NoWitness

    try:
        return worst_batch(posed, claims, seconds=asked.seconds), "the worst-case function was run too"
    except NoWitness as error:
        return None, f"no worst-case function: {error}"


def _in_floats(method: Method, bound: Theorem | Rate) -> Method:
    """The method with numbers of which logarithms can be taken, where theorems in coordinates need them."""
    if isinstance(bound, Rate) or not bound.coordinates:
        return method
    return type(method)(**{n: float(v) for n, v in method.values.items()})


def _proved(kind: type[Method], group: tuple[type[Assumption], ...], theorem: Theorem, asked: Request) -> Any:
    """The cases of the theorem, and whether the kernel accepted a proof of it for all parameters."""
    from certify.prove.prover import prove

    try:
        proved = prove(pose(kind, theorem.assumptions, theorem), seconds=asked.seconds, seed=asked.seed)
    except (DoesNotApply, OutOfDomain, UnknownSign):
        return (), False
    return (proved.goals() if proved.problem.goal.unknown else ()), proved.proved
