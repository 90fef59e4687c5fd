"""Worst cases of declared methods as the user asks for them: by names, with rules such as gamma=1/L, one or a sweep."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from certify.analysis.catalogue import is_path, load_assumption, load_method
from certify.analysis.errors import BadInput
from certify.analysis.worst_functions import replayed
from certify.kernel.worst_case_json import RATE
from certify.language import Method, Rate
from certify.pep.certificates import to_json, verify
from certify.pep.engine.bounds import Bound, Verdict
from certify.pep.engine.limited import NoTimeLimit
from certify.pep.engine.solvers import UnknownSolver
from certify.pep.modelling.expressions import NotModelled
from certify.pep.questions import STEPS, BadQuestion, Question, evaluate, question
from certify.pep.rate_certificates import verify_rate
from certify.pep.runs import answer, pose

if TYPE_CHECKING:
    from certify.pep.witness.replay import Replay

MAX_POINTS = 10_000
EXACT_STEPS = 30
"""Up to so many steps an upper end without inflation is tried for unless something else is asked for."""
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Answer:
    """A question, the interval found, the rates claimed for it, and how many coefficients were rounded.

    `replay` is the run of the method on an explicit function of the worst case, where that was asked for and is known.
    """

    question: Question
    bound: Bound
    claims: tuple[tuple[Rate, Fraction | float], ...]
    rounded: int
    replay: Replay | None = None

    @property
    def settled(self) -> bool:
        """Whether everything that can be certified here is: both ends, or the upper end of a relaxation."""
        return self.bound.verdict in (Verdict.CERTIFIED, Verdict.RELAXATION)

    def certificate(self) -> dict[str, Any] | None:
        """The certificate file, if there is an exact upper end."""
        return to_json(self.question, self.bound)


@dataclass(frozen=True)
class Sweep:
    """Answers along one parameter (or along N), in increasing order."""

    parameter: str
    points: tuple[Fraction, ...]
    answers: tuple[Answer, ...]


@dataclass(frozen=True)
class Request:
    """What the user typed."""

    method: type[Method]
    assumptions: Any
    rules: tuple[tuple[str, str], ...]
    steps: int
    measure: str
    initial: str

    def question(self, **swept: Fraction) -> Question:
        """The question, with some values replaced; raises `BadInput`."""
        steps = int(swept.pop(STEPS, self.steps))
        values: dict[str, Any] = {**dict(self.rules), **swept}
        try:
            return question(
                self.method, self.assumptions, values, steps=steps, measure=self.measure, initial=self.initial
            )
        except BadQuestion as error:
            raise BadInput(str(error)) from error


def request(
    method: str, assumptions: Sequence[str], rules: Sequence[str], *, steps: int, measure: str, initial: str
) -> Request:
    """Look the names up and read ``NAME=FORMULA``; raises `BadInput`."""
    kind = load_method(method)
    pairs: list[tuple[str, str]] = []
    for rule in rules:
        name, equals, formula = (part.strip() for part in rule.partition("="))
        if not (name and equals and formula):
            raise BadInput(f"--set {rule!r} must read NAME=FORMULA, such as gamma=1/L")
        if name in dict(pairs):
            raise BadInput(f"--set gives {name} twice")
        pairs.append((name, formula))
    return Request(kind, _roles(kind, assumptions), tuple(pairs), steps, measure, initial)


def find(asked: Question, *, exact: bool | None = None, replay: bool = False, **options: Any) -> Answer:
    """Bound one worst case, and `replay` it; raises `BadInput` if it cannot be modelled.

    `exact` asks for an upper end that is the optimum itself where that is rational or a + b√d; None: for up to
    `EXACT_STEPS` steps of a method without rounded coefficients (with them an optimum has too many digits).
    """
    try:
        posed = pose(asked)
        if exact is None:
            exact = asked.steps <= EXACT_STEPS and not posed.rounded
        found = Answer(asked, answer(posed, exact=exact, **options), tuple(asked.claims()), posed.rounded)
    except (BadQuestion, NotModelled, NoTimeLimit, UnknownSolver) as error:
        raise BadInput(str(error)) from error
    return replace(found, replay=replayed(asked, found.bound)) if replay else found


def sweep(wanted: Request, text: str, *, progress: Progress | None = None, **options: Any) -> Sweep:
    """Bound the worst case at every point of ``NAME=FROM:TO:COUNT``; raises `BadInput`."""
    parameter, points, questions = _grid(wanted, text)
    answers = []
    for i, asked in enumerate(questions):
        if progress:
            progress(f"{parameter} = {float(points[i]):.6g}", i, len(points))
        answers.append(find(asked, **options))
    return Sweep(parameter, tuple(points), tuple(answers))


def _grid(wanted: Request, text: str) -> tuple[str, list[Fraction], list[Question]]:
    """The points and their questions; ends outside the domain are left out, with the spacing kept even."""
    name, _, span = (part.strip() for part in text.partition("="))
    ends = [part.strip() for part in span.split(":")]
    whole = name == STEPS
    if not name or len(ends) not in ((2, 3) if whole else (3,)) or not all(ends):
        raise BadInput(f"--sweep {text!r} must read NAME=FROM:TO:COUNT, such as gamma=0:2/L:40, or N=1:10")
    if name in dict(wanted.rules):
        raise BadInput(f"--sweep and --set both give {name}")
    try:
        low, high = (evaluate(end, dict(wanted.rules)) for end in ends[:2])
        count = Fraction(ends[2]) if len(ends) == 3 else high - low + 1
    except (BadQuestion, ValueError) as error:
        raise BadInput(f"--sweep {text!r}: {error}") from error
    if count.denominator != 1 or not 2 <= count <= MAX_POINTS or low >= high:
        raise BadInput(f"--sweep {text!r} needs FROM < TO and a COUNT from 2 to {MAX_POINTS}")
    if whole:
        points = sorted({Fraction(round(low + (high - low) * i / (int(count) - 1))) for i in range(int(count))})
        return name, points, [wanted.question(**{name: point}) for point in points]
    outside = [_refused(wanted, name, end) for end in (low, high)]
    intervals = int(count) - 1 + sum(outside)
    places = range(outside[0], intervals + 1 - outside[1])
    points = [low + (high - low) * i / intervals for i in places]
    return name, points, [wanted.question(**{name: point}) for point in points]


def _refused(wanted: Request, name: str, value: Fraction) -> bool:
    try:
        wanted.question(**{name: value})
    except BadInput:
        return True
    return False


def _roles(kind: type[Method], assumptions: Sequence[str]) -> dict[str, list[Any]]:
    """``smooth-convex``, or ``f=smooth-convex`` for each of several functions, or one for each in order."""
    if not assumptions:
        raise BadInput(f"give an assumption on {', '.join(kind.functions)}: --assumption smooth-convex, for example")
    roles: dict[str, list[Any]] = {role: [] for role in kind.functions}
    named = [a.partition("=") for a in assumptions]
    plain = [name for name, equals, _ in named if not equals]
    if plain and len(plain) < len(named):
        raise BadInput("give every assumption with its function, as in f=smooth-convex, or none")
    if plain and len(roles) > 1 and len(plain) != len(roles):
        example = f"{kind.functions[0]}={plain[0]}"
        raise BadInput(f"{kind.name} works on {', '.join(roles)}: say which assumption is on which, as in {example}")
    if plain:
        names = kind.functions if len(roles) > 1 else kind.functions * len(plain)
        named = [(role, "=", name) for role, name in zip(names, plain, strict=True)]
    for role, _, name in named:
        if role not in roles:
            raise BadInput(f"{kind.name} has no function {role!r}; it has {', '.join(roles)}")
        roles[role].append(load_assumption(name))
    return roles


def verified(data: object, *, kernel_only: bool, files: Mapping[str, str]) -> tuple[str, tuple[str, ...]]:
    """Check the certificate of a worst case or of a rate: its identifier and what it establishes.

    A file named inside it is never run.
    Raises `Malformed`, `Rejected` or `BadInput`.
    """

    def load(name: str, kind: type[Any]) -> type[Any]:
        if is_path(name) and name not in files.values():
            raise BadInput(f"{name!r} is not the name of a method or assumption")
        source = files.get(name, name)
        return load_method(source) if issubclass(kind, Method) else load_assumption(source)

    check = verify_rate if isinstance(data, dict) and data.get("schema") == RATE else verify
    name, sentences = check(data, None if kernel_only else load)
    return name, tuple(sentences)


def each(found: Answer | Sweep) -> Iterator[Answer]:
    """The answers in either."""
    yield from (found,) if isinstance(found, Answer) else found.answers
