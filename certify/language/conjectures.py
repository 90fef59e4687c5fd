"""Statements about a method that are not theorems about one step: refuted by a replay, or open.

A conjecture says what is claimed and holds the data of a counterexample, if there is one. Nothing is believed: the
counterexample is run again through the method's own step, in exact arithmetic.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from certify.language.assumptions import Assumption

Numbers = Mapping[str, Fraction]


@dataclass(frozen=True)
class Trap:
    """A run that approaches a cycle without x⋆ in it, on the function f with f(0) = f′(0) = 0 and these curvatures.

    f″ is `curvatures[i]` between breakpoints i and i + 1; the method starts at `start`, and after `steps` steps
    it is close enough to the cycle through `cycle` never to leave it.
    """

    breakpoints: tuple[Fraction, ...]
    curvatures: tuple[Fraction, ...]
    start: Fraction
    cycle: tuple[Fraction, ...]
    steps: int


@dataclass(frozen=True)
class LinearGame:
    """Linear functions f_k(x) = slopes[k mod n] · x on the interval [low, high], for ever.

    Every round of n steps costs at least `loss` more than staying at `best` would. The first `steps` steps are played;
    of all later rounds this is certified.
    """

    slopes: tuple[Fraction, ...]
    low: Fraction
    high: Fraction
    start: Fraction
    best: Fraction
    loss: Fraction
    steps: int


@dataclass(frozen=True)
class Conjecture:
    """What is claimed in words, under which assumptions, and a counterexample at these numbers; open without one."""

    name: str
    statement: str
    assumptions: tuple[type[Assumption], ...] = ()
    at: Numbers | None = None
    counterexample: Trap | LinearGame | None = None
    source: str = ""
    note: str = ""
