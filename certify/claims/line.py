"""Counterexamples on the line, in exact arithmetic: a function, a start, parameters and noise, and the run itself.

Noise has two outcomes of equal probability, g = ∇f(x) ± v, so that a mean after N steps is one over 2^N runs. Whether
the function belongs to the class is decided exactly (`certify.simulate.membership`); v is what the noise allows.
"""

from __future__ import annotations

import random
import time
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from math import inf
from operator import add, mul
from typing import Any

from certify.claims import enclosed_runs
from certify.claims.claim import ACCURACY, DIMENSION, STEPS, Claim
from certify.claims.formulas import names
from certify.claims.intervals import Interval, evaluate
from certify.claims.intervals import root as interval_root
from certify.claims.layered import COUNT
from certify.claims.members import KNOWN, SAMPLED, Line, scaled, spread
from certify.claims.moments import Oracle, long_run
from certify.claims.questions import BRANCHING, questions
from certify.claims.starts import STARTS
from certify.claims.weights import weights
from certify.claims.words import short, shown, signed
from certify.language.roundings import roundings
from certify.simulate import line_functions
from certify.simulate.exact import PiecewiseQuadratic
from certify.simulate.line_functions import Recipe
from certify.simulate.noise import is_known, is_noise, of_functions, on_the_line
from certify.simulate.recorded import Recorded

DIGITS = 20_000
PLACES = tuple(map(Fraction, ("1", "0", "2", "1/2", "1/10", "4", "10", "-1", "1/100", "100")))


@dataclass(frozen=True)
class Example:
    """A run that contradicts a claim: measure = `left` (exact) and the claimed number, at most `right`."""

    function: PiecewiseQuadratic
    values: Mapping[str, Fraction]
    steps: int
    start: Fraction
    minimizer: Fraction
    path: tuple[Fraction, ...]
    left: Fraction
    right: Fraction
    noise: str

    def describe(self) -> str:
        """The counterexample in words and formulas."""
        given = ", ".join(f"{n} = {signed(v)}" for n, v in self.values.items())
        noise = f", {self.noise}" if self.noise else ""
        noise += ", in each of p layers that are alike" if self.values.get(COUNT, 1) > 1 else ""
        path = " → ".join(signed(short(x)) for x in self.path[:6]) + (" …" if len(self.path) > 6 else "")
        return (
            f"f(y) = {shown(self.function)} with {given}{noise}, "
            f"x₀ = {signed(self.start)}, x⋆ = {signed(self.minimizer)}: "
            f"after {self.steps} step{'s' * (self.steps != 1)} ({path}) "
            f"the left side is {signed(short(self.left))}, the right side {signed(short(self.right, up=True))}"
        )

    @property
    def stayed(self) -> bool:
        """Whether a minimiser was reached before the last step."""
        return any(self.function.value(x) == self.function.minimum() for x in self.path[:-1])

    def to_json(self) -> dict[str, Any]:
        """Plain data; rationals are texts."""
        return {
            "breakpoints": [str(b) for b in self.function.breakpoints],
            "pieces": [[str(p.a), str(p.b), str(p.c)] for p in self.function.pieces],
            "values": {n: str(v) for n, v in self.values.items()},
            "steps": self.steps,
            "start": str(self.start),
            "minimizer": str(self.minimizer),
            "path": [short(x) for x in self.path],
            "left": str(self.left) if len(str(self.left)) < 2000 else short(self.left),
            "right": short(self.right, up=True),
            "noise": self.noise,
        }


def search(claim: Claim, seconds: float, seed: int = 0) -> Example | None:
    """A counterexample, or None if none was found in time or the claim is of a kind that is not searched."""
    if not searchable(claim):
        return None
    deadline, generator = time.process_time() + seconds, random.Random(seed)  # noqa: S311
    for i, (steps, values) in enumerate(questions(claim, seed)):
        constants = {n: values[n] for a in claim.assumptions for n in a.parameters()}
        constants |= {"L": constants["L0"]} if "L0" in constants else {}
        recipes = list(line_functions.simple(constants)) if i < 200 or i % 4 else []
        recipes += [line_functions.drawn(constants, generator) for _ in range(6 if i > 60 else 2)]
        for recipe in recipes:
            for start in (*PLACES[:3], generator.choice(PLACES[3:]), *_tuned(recipe, steps)):
                if time.process_time() > deadline:
                    return None
                found = trial(claim, recipe, values, steps, start)
                if found is not None:
                    return found
    return None


def _tuned(recipe: Recipe, steps: int) -> tuple[Fraction, ...]:
    """Starts at which Huber functions are worst, for methods whose steps add up to about N or N²."""
    if recipe.kind != "Huber function":
        return ()
    n = steps
    return tuple(map(Fraction, dict.fromkeys((2 * n + 1, (n + 1) * (n + 2) // 2, n * (n + 1) // 2 + 1, (n + 1) ** 2))))


def searchable(claim: Claim) -> bool:
    """Whether the class of functions and the noise are known on the line, and the claim is about N steps."""
    return (
        not claim.step
        and len(claim.roles) == 1
        and len(claim.method.functions) == len(claim.method.starts) == 1
        and all(a.name in KNOWN for a in of_functions(claim.assumptions))
        and sum(map(is_noise, claim.assumptions)) <= 1
        and all(is_known(a) for a in claim.assumptions if is_noise(a))
    )


def trial(claim: Claim, recipe: Recipe, values: Mapping[str, Fraction], steps: int, start: Fraction) -> Example | None:
    """One run, judged exactly, or two with more or less noise; None if the claim survives or does not speak of it."""
    both = enclosed_runs.bounded(claim) or any(a.name in SAMPLED for a in claim.assumptions)
    for noisy in (False, True) if both else (True,):
        try:
            found = _trial(claim, recipe, values, steps, start, noisy)
        except (ValueError, ArithmeticError, TypeError, KeyError, AttributeError):
            continue
        if found is not None:
            return found
    return None


def _trial(
    claim: Claim, recipe: Recipe, values: Mapping[str, Fraction], steps: int, start: Fraction, noisy: bool
) -> Example | None:
    function = recipe.build()
    bottom, sets = function.argmin()
    if bottom == -inf:
        return None
    star = function.minimizer(start)
    layers = values.get(COUNT, Fraction(1)) if claim.layers else Fraction(1)
    distance, gap = abs(start - star), layers * (function.value(start) - Fraction(bottom))
    if "R" in values:
        if sets[0] != (star, star):
            return None
        start = star + values["R"] * (1 if start >= star else -1)
        distance, gap = abs(start - star), layers * (function.value(start) - Fraction(bottom))
    known = {n: Interval.of(v) for n, v in values.items()}
    known |= {"R": Interval.of(distance), "Delta0": Interval.of(gap), "fstar": Interval.of(Fraction(bottom))}
    if "G0" in names(claim.bound) | (names(claim.complexity) if claim.complexity else frozenset()):
        known["G0"] = Interval.of(abs(function.gradient(start)))
    if claim.complexity is not None:
        accuracy = _accuracy(claim, known, steps)
        known[ACCURACY] = Interval.of(accuracy)
        values = {**values, ACCURACY: accuracy}
    right = evaluate(claim.bound, known)
    constants = {n: values[n] for a in claim.assumptions for n in a.parameters()}
    left, path, noise, radii = _run(claim, function, constants, values, start, star, steps, noisy)
    if layers > 1 and claim.measured.what != "gradient":  # layers that are all alike
        left = left * Interval.of(layers)
    if left.low <= right.high:
        return None
    if not all(KNOWN[a.name](function, constants, radii) for a in of_functions(claim.assumptions)):
        return None
    hidden = {STEPS, *([DIMENSION] if DIMENSION not in claim.parameters else [])}
    hidden |= {COUNT} if claim.layers and values[COUNT] == 1 else set()
    kept = {n: v for n, v in values.items() if n not in hidden and (n not in STARTS or n == "R")}
    return Example(function, kept, steps, start, star, tuple(path), left.low, right.high, noise)


def _accuracy(claim: Claim, known: Mapping[str, Interval], steps: int) -> Fraction:
    """An ε, nearly the smallest, for which so many steps are enough according to the claim; raises `ValueError`."""
    if claim.complexity is None:
        raise ValueError("the claim has no number of steps")
    low, high = -40 * 8, 20 * 8  # in eighths of powers of two
    best = None
    while low <= high:
        middle = (low + high) // 2
        accuracy = Fraction(2) ** (middle // 8) * (8 + middle % 8) / 8
        number = evaluate(claim.complexity, {**known, ACCURACY: Interval.of(accuracy)})
        if number.high <= steps:
            best, high = accuracy, middle - 1
        else:
            low = middle + 1
    if best is None:
        raise ValueError("no accuracy is claimed after so few steps")
    return best


def _run(
    claim: Claim,
    function: PiecewiseQuadratic,
    constants: Mapping[str, Fraction],
    values: Mapping[str, Fraction],
    start: Fraction,
    star: Fraction,
    steps: int,
    noisy: bool,
) -> tuple[Interval, list[Fraction], str, list[Fraction]]:
    """The exact mean of the measure over all runs, one of the paths, the size of the noise, and ball radii."""
    method = claim.method(**{s: values[s] for s in claim.method.parameters()})
    if enclosed_runs.bounded(claim):
        return (*enclosed_runs.run(claim, method, function, constants, start, star, steps, noisy=noisy), [])
    f = Line(function, constants, minimizer=star)
    kinds = [a for a in claim.assumptions if is_noise(a)]
    size = _size(claim, function, constants, start)
    if kinds and steps > BRANCHING:
        if size < 0 or kinds[0].name == "interpolation":
            raise ValueError("noise that depends on the point")
        mean, path = long_run(claim, method, Oracle(function, constants, size), start, star, steps)
        return Interval.of(mean), path, f"g = f'(x) ± {size}, equally likely, means of the points are shown", []
    with roundings() as count:
        branches: list[tuple[Any, list[Fraction]]] = [(method.start(start, f), [start])]
        branches = [(s, [Fraction(method.output(s))]) for s, _ in branches]
        wide = spread(function, constants["L"]) if noisy and kinds and kinds[0].name in SAMPLED else Fraction(0)
        if wide < 0:
            raise ValueError("f is not smooth enough")
        f.samples = wide > 0
        for k in range(steps):
            after: list[tuple[Any, list[Fraction]]] = []
            for state, path in branches:
                outcomes: Any = _outcomes(kinds, f, path[-1], constants, size)
                if wide:
                    outcomes = [partial(scaled, 1 + wide, size), partial(scaled, 1 - wide, -size)]
                for error in outcomes:
                    if error is not None:
                        f.noise = error if wide else partial(add, error)
                    new = _advance(method, k, state, f)
                    point = Fraction(method.output(new))
                    if point.numerator.bit_length() + point.denominator.bit_length() > DIGITS:
                        raise ValueError("the numbers grow too long")
                    after.append((new, [*path, point]))
            branches = after
    if count[0]:
        return (*enclosed_runs.run(claim, method, function, constants, start, star, steps, noisy=noisy), [])
    total = Interval.of(0)
    for _, path in branches:
        total = total + _measured(claim, function, values, path, star)
    words = (
        ""
        if not kinds
        else f"g = (1 ± {wide}) f'(x)" + f" ± {size}" * (size > 0)
        if wide
        else f"g = f'(x) ± {size}"
        if size >= 0
        else "g = f'(x) ± the root of σ² − f'(x)² (rounded down)"
    )
    return total / Interval.of(len(branches)), branches[0][1], words and f"{words}, equally likely", f.radii


def _advance(method: Any, k: int, state: Any, f: Recorded) -> Any:
    """The next state; a ball-prox method that has reached a minimiser stays there."""
    radii = len(f.radii)
    new = method.advance(k, state, f)
    if len(f.radii) > radii and f.function.value(state) == f.minimum:
        return state
    return new


def _size(claim: Claim, function: PiecewiseQuadratic, constants: Mapping[str, Fraction], start: Fraction) -> Fraction:
    """v, the same at all points; −1 for a bounded second moment, where it is chosen at every point."""
    kinds = [a for a in claim.assumptions if is_noise(a)]
    if not kinds:
        return Fraction(0)
    if kinds[0].name != "second-moment":
        return on_the_line(kinds[0], function.subgradient(start), constants)
    return Fraction(-1)


def _outcomes(
    kinds: list[Any], f: Recorded, x: Fraction, constants: Mapping[str, Fraction], size: Fraction
) -> tuple[Fraction | None, ...]:
    if not kinds:
        return (None,)
    if size >= 0:
        return (size, -size) if size else (size,)
    left = constants["sigma"] ** 2 - f.subgradient(x) ** 2
    if left < 0:
        raise ValueError("the second moment is less than the squared gradient")
    own = interval_root(Interval.of(left)).low
    own = own if own.denominator < 1000 else rounded_down(own)
    return (own, -own) if own else (own,)


def rounded_down(value: Fraction) -> Fraction:
    """A number of few digits that is not larger."""
    return Fraction((value.numerator << 12) // value.denominator, 1 << 12)


def _measured(
    claim: Claim,
    function: PiecewiseQuadratic,
    values: Mapping[str, Fraction],
    path: list[Fraction],
    star: Fraction,
) -> Interval:
    measured = claim.measured
    first, end = measured.first, len(path) - measured.before
    chosen = path[first:end] if measured.iterate != "last" else path[-1:]
    if not chosen:
        raise ValueError("no iterates")

    def at(x: Fraction) -> Fraction:
        match measured.what:
            case "gap":
                return function.value(x) - function.value(star)
            case "distance":
                return abs(x - star) ** measured.power
            case "gradient" | "gradients":
                return abs(function.gradient(x)) ** measured.power
            case "radius-gradients":
                return values["t"] * abs(function.gradient(x))
            case "squared-gradients":
                return values["gamma"] * function.gradient(x) ** 2
        raise ValueError("not measured on the line")

    if measured.iterate == "average":
        return Interval.of(at(sum(chosen, Fraction(0)) / len(chosen)))
    if measured.iterate == "weighted":
        own = weights(claim, values, len(chosen))
        return Interval.of(at(sum(map(mul, own, chosen), Fraction(0)) / sum(own)))
    found = [at(x) for x in chosen]
    if measured.iterate == "values":
        return Interval.of(sum(found, Fraction(0)) / len(found))
    return Interval.of(min(found))
