"""The best and the admissible values of one parameter of a declared method, as the user asks for them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from certify.analysis.errors import BadInput
from certify.analysis.worst_cases import Answer, Progress, Request
from certify.pep.engine.limited import NoTimeLimit
from certify.pep.engine.solvers import UnknownSolver
from certify.pep.modelling.model import Model
from certify.pep.questions import STEPS, BadQuestion, evaluate
from certify.pep.runs import pose
from certify.pep.step_size import SAMPLES, Admissible, Curve, Optimum, admissible, best_step

INFINITE = ("infinity", "∞")
Seek = Callable[[Curve, tuple[Fraction, Fraction]], Optimum | Admissible | None]


@dataclass(frozen=True)
class StepSizes:
    """What was found about a parameter, and the whole answer at one value: the best, or one that is admissible."""

    parameter: str
    range: tuple[Fraction, Fraction]
    found: Optimum | Admissible
    answer: Answer


def best(wanted: Request, text: str, *, progress: Progress | None = None, **options: Any) -> StepSizes:
    """The value in ``NAME=FROM:TO`` with the smallest worst case; raises `BadInput`."""
    return _sought(wanted, text, "--optimise", best_step, progress, options)


def allowed(wanted: Request, text: str, below: str, *, progress: Progress | None = None, **options: Any) -> StepSizes:
    """The values in ``NAME=FROM:TO`` whose worst case is below a number, or finite; raises `BadInput`."""
    threshold = None if below.strip() in INFINITE else _number(wanted, below, "--below")

    def seek(curve: Curve, ends: tuple[Fraction, Fraction]) -> Admissible | None:
        return admissible(curve, ends, below=threshold)

    return _sought(wanted, text, "--admissible", seek, progress, options)


def _sought(
    wanted: Request, text: str, option: str, seek: Seek, progress: Progress | None, options: dict[str, Any]
) -> StepSizes:
    name, _, span = (part.strip() for part in text.partition("="))
    ends = [part.strip() for part in span.split(":")]
    if not name or name == STEPS or len(ends) != 2 or not all(ends):
        raise BadInput(f"{option} {text!r} must read NAME=FROM:TO, such as gamma=0:2/L")
    if name in dict(wanted.rules):
        raise BadInput(f"{option} and --set both give {name}")
    low, high = (_number(wanted, end, f"{option} {text!r}") for end in ends)
    if low >= high:
        raise BadInput(f"{option} {text!r} needs FROM < TO")

    def build(value: Fraction) -> Model:
        if progress:
            progress(f"{name} = {float(value):.6g}", len(curve.samples), SAMPLES)
        return pose(wanted.question(**{name: value})).model

    curve = Curve(build, **options)
    try:
        found = seek(curve, (low, high))
        if found is None:
            raise BadInput(f"no {name} between {float(low):.6g} and {float(high):.6g} has the worst case asked for")
        value = found.gamma if isinstance(found, Optimum) else found.inside[0]
        bound = found.bound if isinstance(found, Optimum) else found.samples[value]
        asked = wanted.question(**{name: value})
        rounded = pose(asked).rounded
    except (BadQuestion, NoTimeLimit, UnknownSolver) as error:
        raise BadInput(str(error)) from error
    return StepSizes(name, (low, high), found, Answer(asked, bound, tuple(asked.claims()), rounded))


def _number(wanted: Request, text: str, option: str) -> Fraction:
    try:
        return evaluate(text, dict(wanted.rules))
    except (BadQuestion, ValueError) as error:
        raise BadInput(f"{option}: {error}") from error
