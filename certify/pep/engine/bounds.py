"""The answer: an interval of exact rationals that contains the worst case, and what each end rests on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from enum import Enum
from fractions import Fraction
from functools import cached_property
from math import isqrt

from certify.kernel.surd import Number, Surd
from certify.kernel.worst_case import AlgebraicBound, Attained, UpperBound
from certify.pep.engine.problem import Problem


class Verdict(Enum):
    """How much was established about a worst case."""

    CERTIFIED = "certified", "both ends are exact: the kernel checked multipliers above and a worst case below"
    RELAXATION = "upper bound of a relaxation", "the upper end is exact; the lower end says nothing about functions"
    UPPER = "upper bound", "the upper end is exact; no worst case was found that satisfies all conditions exactly"
    NUMERICAL = "numerical", "a solver's value; no exact certificate was found"
    UNBOUNDED = "no bound", "no multipliers bound it: most often a condition is missing and the worst case is infinite"
    INFEASIBLE = "infeasible", "the solver found no point that satisfies the conditions"
    FAILED = "failed", "no solver returned a usable answer"
    STOPPED = "stopped", "the time limit was reached before anything was found"

    def __init__(self, word: str, sentence: str) -> None:
        self.word = word
        self.sentence = sentence


@dataclass(frozen=True)
class Attempt:
    """One call of a solver: what it said, what it found, how long it took."""

    solver: str
    status: str
    value: float | None
    seconds: float
    purpose: str = ""


@dataclass(frozen=True)
class Bound:
    """lower ≤ worst case ≤ upper.

    `upper_certificate` and `lower_certificate` were accepted by the kernel (`certify.kernel.check_upper`,
    `check_attained`); an end without one is None, and `value` is then all there is: the solver's floating-point
    optimum with its `residuals` (primal, dual). `seconds` has the keys model, solve, round and check.

    `closed_certificate` proves an upper end a + b√d, `closed`, where the optimum was recognised as such a number.
    `polynomial` is a guess: integers c₀, c₁, … of Σ cₖ xᵏ, of which the optimum seems to be a root.
    `narrowed` are the numbers of narrower conditions (`certify.pep.modelling.narrowing`) that the lower end satisfies:
    it certainly occurs, although the upper end is one of a relaxation.
    `stopped` says why the work ended before it was complete, if it did: what is there then is proved all the same.
    """

    problem: Problem
    verdict: Verdict
    value: float | None
    upper_certificate: UpperBound | None = None
    lower_certificate: Attained | None = None
    attempts: tuple[Attempt, ...] = ()
    residuals: tuple[float, float] | None = None
    seconds: Mapping[str, float] = field(default_factory=dict)
    closed_certificate: AlgebraicBound | None = None
    polynomial: tuple[int, ...] = ()
    narrowed: tuple[tuple[Fraction, ...], ...] = ()
    stopped: str = ""

    def _repr_latex_(self) -> str:
        """In a notebook: the interval, typeset."""
        if self.upper is None:
            return rf"$\text{{worst case}} \approx {self.value} \text{{ (numerical)}}$"
        low = "" if self.lower is None else rf"{decimal(self.lower)} \le "
        return rf"${low}\text{{worst case}} \le {decimal(self.upper, up=True)}$"

    @property
    def closed(self) -> Surd | None:
        """An upper end without slack as a number a + b√d, if the optimum was recognised as one."""
        bound = None if self.closed_certificate is None else self.closed_certificate.bound
        return bound if isinstance(bound, Surd) else None

    @property
    def upper(self) -> Fraction | None:
        """The exact upper end."""
        return None if self.upper_certificate is None else self.upper_certificate.bound

    @property
    def lower(self) -> Fraction | None:
        """The exact lower end; None for a relaxation, whose feasible points need not be functions (unless narrowed)."""
        if self.lower_certificate is None or (self.problem.relaxations and not self.narrowed):
            return None
        return self.lower_certificate.value

    @property
    def multipliers(self) -> Mapping[str, Fraction]:
        """The non-zero multipliers of the inequalities, by name."""
        return {} if self.upper_certificate is None else self.upper_certificate.multipliers

    @cached_property
    def relative_gap(self) -> float | None:
        """(upper − lower)/upper, if there are both."""
        if self.upper is None or self.lower is None:
            return None
        upper = self.upper if self.closed is None else enclosure(self.closed)[1]
        return float((upper - self.lower) / abs(upper)) if upper else float(upper - self.lower)

    def __str__(self) -> str:
        if self.closed is not None and self.lower is not None:
            high = decimal(self.closed, up=True)
            return f"{decimal(self.lower)} ≤ worst case ≤ {self.closed} ≤ {high} ({self.verdict.word})"
        if self.upper is not None and self.lower is not None:
            return f"{decimal(self.lower)} ≤ worst case ≤ {decimal(self.upper, up=True)} ({self.verdict.word})"
        if self.upper is not None:
            return f"worst case ≤ {decimal(self.upper, up=True)} ({self.verdict.word})"
        return f"worst case ≈ {self.value:.7g} ({self.verdict.word})" if self.value is not None else self.verdict.word


def enclosure(value: Number, bits: int = 256) -> tuple[Fraction, Fraction]:
    """Rational numbers below and above; for a + b√d they are at most ``|b|/2^bits`` apart."""
    if not isinstance(value, Surd):
        return value, value
    root = isqrt(value.d << 2 * bits)
    ends = [value.a + value.b * Fraction(root + k, 1 << bits) for k in (0, 1)]
    return min(ends), max(ends)


def decimal(value: Number, *, up: bool = False, digits: int = 10) -> str:
    """The number with so many significant digits, rounded down (or up): a printed end of an interval stays true."""
    context = Context(prec=digits, rounding=ROUND_CEILING if up else ROUND_FLOOR)
    near = enclosure(value)[up]
    return str(context.divide(Decimal(near.numerator), Decimal(near.denominator)))
