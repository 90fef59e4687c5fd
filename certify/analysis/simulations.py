"""``certify simulate``: many runs of a method at given numbers, against the bounds that are proved or claimed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from certify.analysis.catalogue import load_assumption, load_method
from certify.analysis.errors import BadInput
from certify.language import DISTANCE, Assumption, DoesNotApply, Method, OutOfDomain, Rate, Theorem, UnknownSign, pose
from certify.pep.questions import BadQuestion, Question, question

if TYPE_CHECKING:
    from certify.simulate.comparison import Comparison

PROVED, CLAIMED, UNPROVED = "proved in this run", "claimed", "not proved"
DEFAULTS: Mapping[str, tuple[str, ...]] = {
    "L": ("1",),
    "mu": ("1/10",),
    "M": ("1",),
    "s": ("1/2",),
    "nu": ("1/16",),
    "D": ("3/2",),
    "sigma": ("1/2",),
    "gamma": ("1/(2*L)", "1/L", "1/M", "1"),
    "t": ("1/8",),
    "beta": ("1/2",),
    "alpha": ("1/2",),
    "epsilon": ("1/100",),
    "beta2": ("9/10",),
}
"""Numbers for what the user leaves open; of several the first that is in known names counts (with noise: shorter)."""
NOISE = "noise"
Progress = Callable[[str, int, int], None]
Group = tuple[tuple[type[Assumption], ...], ...]


@dataclass(frozen=True)
class Request:
    """What the user asked for; names of methods and assumptions are those of `certify list` or paths."""

    method: str
    assumptions: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    measure: str | None = None
    bounds: tuple[str, ...] = ()
    runs: int = 10_000
    steps: int = 20
    seed: int = 0
    device: str = "auto"
    seconds: float = 30.0
    data: bool = False
    worst: bool = False
    search: bool = False


@dataclass(frozen=True)
class Simulation:
    """One bound and the runs that were compared with it; `comparison` is None if `reason` says why there is none."""

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


@dataclass(frozen=True)
class Simulations:
    """All of them."""

    method: str
    title: str
    request: Request
    found: tuple[Simulation, ...] = field(default=())

    @property
    def violated(self) -> bool:
        """Whether some run exceeds some bound."""
        return any(s.comparison and s.comparison.violations for s in self.found)

    @property
    def contradicted(self) -> bool:
        """Whether some run exceeds a bound that was proved: an error of Certify."""
        return any(s.comparison and s.comparison.violations and s.status == PROVED for s in self.found)


def simulations(asked: Request, progress: Progress | None = None) -> Simulations:
    """Run them. **Raises:** `BadInput`."""
    kind = load_method(asked.method)
    found = []
    chosen = list(_chosen(kind, asked))
    if not chosen:
        raise BadInput(_nothing(kind, asked))
    _check_rules(kind, [group for _, group in chosen], asked)
    _check_device(asked)
    for i, (bound, group) in enumerate(chosen):
        if progress:
            progress(bound.name, i, len(chosen))
        found.append(_simulated(kind, bound, group, asked))
    if all(s.comparison is None for s in found) and len(found) == 1:
        raise BadInput(f"{kind.name}/{found[0].name}: {found[0].reason}")
    return Simulations(kind.name, kind.title, asked, tuple(found))


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
    for name in asked.bounds:
        if name not in declared:
            raise BadInput(f"{kind.name} has no theorem or rate {name!r}; it has {', '.join(declared)}")
    for name, bound in declared.items():
        needed = _needed(bound)
        if asked.bounds and name not in asked.bounds:
            continue
        if asked.measure not in (None, bound.measure.name) or (isinstance(bound, Theorem) and not _plain(bound)):
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


def _plain(theorem: Theorem) -> bool:
    return "euclidean" in theorem.norms or "any" in theorem.norms


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
    if kind.home == "layers":
        return f"{kind.name} works on spaces of several layers, whose runs are part of `certify {kind.name}`"
    what = f" about {asked.measure!r}" if asked.measure else ""
    under = f" under {', '.join(asked.assumptions)}" if asked.assumptions else ""
    return f"{kind.name} has no theorem or rate{what}{under}; `certify list {kind.name}` shows what there is"


def _simulated(kind: type[Method], bound: Theorem | Rate, group: Group, asked: Request) -> Simulation:
    """One bound, with the runs that are compared with it."""
    from certify.simulate.bounds import RowBound, TheoremBound, Unbounded, claimed
    from certify.simulate.comparison import NoFunctions, compare
    from certify.simulate.functions import UnsupportedOracle

    status, source = (CLAIMED if isinstance(bound, Rate) else UNPROVED), bound.source
    parts: dict[str, Any] = {
        "name": bound.name,
        "statement": bound.statement,
        "source": source,
        "measure": bound.measure.describe("x_N", "x_{N−1}"),
        "assumptions": tuple(a.name for own in group for a in own),
    }
    values: dict[str, Fraction] = {}
    try:
        about = kind if isinstance(bound, Rate) else bound.variant or kind
        posed = _question(about, group, bound, asked)
        values = dict(posed.values)
        if isinstance(bound, Rate):
            limit: Any = RowBound(bound, claimed(bound, posed.method, posed.constants, asked.steps))
        else:
            goals, proved = _proved(kind, group[0], bound, asked)
            status, limit = (PROVED if proved else UNPROVED), TheoremBound(bound, goals)
        worst, said = _worst(posed, getattr(limit, "claims", ()), asked)
        comparison = compare(_in_floats(posed.method, bound), posed.assumptions, limit, asked, worst=worst)
    except (NoFunctions, UnsupportedOracle, Unbounded, BadQuestion, AttributeError) as error:
        return Simulation(**parts, status=status, values=values, reason=str(error))
    except (TypeError, ValueError, RuntimeError, LookupError, ArithmeticError) as error:
        raise BadInput(f"{kind.name}/{bound.name} cannot be run: {type(error).__name__}: {error}") from error
    if not comparison.compared:
        return Simulation(**parts, status=status, values=values, reason="nothing is claimed at these numbers")
    return Simulation(**parts, status=status, values=values, comparison=comparison, worst_case=said)


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


def _question(kind: type[Method], group: Group, bound: Theorem | Rate, asked: Request) -> Question:
    """Exact numbers for everything: those given, and defaults for the rest."""
    values = _rules(asked)
    known = {s for own in group for a in own for s in a.parameters()}
    every = {*known, *kind.parameters()}
    noisy = any(a.subject == NOISE for own in group for a in own)
    roles = kind.functions if len(kind.functions) > 1 else ()
    own = [f"{role}.{s}" for role, kinds in zip(roles, group, strict=False) for a in kinds for s in a.parameters()]
    for name in [*(own or known), *kind.parameters()]:
        if name in values or name == kind.horizon():
            continue
        if (formula := _default(name, every, bound, asked, noisy)) is not None:
            values[name] = formula
    values = {n: v for n, v in values.items() if n.partition(".")[2] or n in every}
    initial = bound.initial if isinstance(bound, Rate) else DISTANCE
    return question(kind, group, values, steps=asked.steps, measure=bound.measure, initial=initial)


def _rules(asked: Request) -> dict[str, str]:
    """``NAME=FORMULA`` as pairs."""
    values: dict[str, str] = {}
    for rule in (r for text in asked.rules for r in text.split(",")):
        name, equals, formula = (part.strip() for part in rule.partition("="))
        if not (name and equals and formula):
            raise BadInput(f"--set {rule!r} must read NAME=FORMULA, such as gamma=1/L")
        if name in values:
            raise BadInput(f"--set gives {name} twice")
        values[name] = formula
    return values


def _check_rules(kind: type[Method], groups: Sequence[Group], asked: Request) -> None:
    """Every name that is set must be one of something that is looked at."""
    own = {s for group in groups for kinds in group for a in kinds for s in a.parameters()}
    for name in _rules(asked):
        if name.rpartition(".")[2] not in {*own, *kind.parameters()}:
            known = ", ".join(sorted({*own, *kind.parameters()}))
            raise BadInput(f"--set {name}: there is no such parameter here; there are {known}")


def _default(name: str, known: set[str], bound: Theorem | Rate, asked: Request, noisy: bool) -> str | None:
    """A formula for what the user left open, if there is one: where nothing is given, from the row's first example."""
    if isinstance(bound, Theorem) and name in dict(bound.at):
        return str(dict(bound.at)[name])
    examples = bound.at[:1] if isinstance(bound, Rate) else ()
    example = next((str(point[name]) for point in examples if name in point), None)
    formulas = DEFAULTS.get(name, ())
    fitting = (
        formula
        for formula in (formulas if noisy or name != "gamma" else formulas[1:])
        if all(other not in formula or other in known for other in ("L", "M"))
    )
    usual = next(fitting, None)
    first, second = (usual, example) if asked.rules else (example, usual)
    return first or second
