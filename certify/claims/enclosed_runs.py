"""Runs of methods with irrational coefficients, all points enclosed between rational numbers.

Stochastic gradients that are bounded by M have no noise there, or as much of it as the bound leaves.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from certify.claims.claim import Claim
from certify.claims.enclosed import Enclosed, Oracle, interval, size
from certify.claims.intervals import Interval, root
from certify.language.roundings import enclosing
from certify.simulate.exact import PiecewiseQuadratic
from certify.simulate.noise import is_noise

BOUNDED = "bounded-samples"
BRANCHING = 4
"""Up to so many steps both signs of the noise are followed."""


def bounded(claim: Claim) -> bool:
    """Whether stochastic gradients are bounded, so that runs are always enclosed."""
    return any(a.name == BOUNDED for a in claim.assumptions)


def run(
    claim: Claim,
    method: Any,
    function: PiecewiseQuadratic,
    constants: Mapping[str, Fraction],
    start: Fraction,
    star: Fraction,
    steps: int,
    *,
    noisy: bool,
) -> tuple[Interval, list[Fraction], str]:
    """The mean of the measure over all runs, the lower ends of one path, and what the noise is.

    **Raises:** ValueError if a sample would be larger than M, if there are too many runs, for another measure or noise.
    """
    kinds = [a.name for a in claim.assumptions if is_noise(a)]
    if claim.random and kinds != [BOUNDED]:
        raise ValueError("noise that is not known to be rational")
    oracle = Samples(function, constants, star)
    found = paths(method, oracle, start, steps, constants["M"] if kinds else None, noisy=noisy)
    means = [mean([_measured(claim, oracle, path[k]) for path in found]) for k in range(steps + 1)]
    seen = means[claim.measured.first : steps + 1 - claim.measured.before]
    match claim.measured.iterate:
        case "last":
            left = means[-1]
        case "best" if seen:
            left = Interval(min(m.low for m in seen), min(m.high for m in seen))
        case "values" if seen:
            left = mean(seen)
        case _:
            raise ValueError("not measured in such runs")
    noise = ["g = f'(x)" + " ± (M − |f'(x)|), equally likely" * noisy + ", "] if kinds else []
    words = f"{''.join(noise)}points are enclosed between rational numbers, and their lower ends shown"
    return left, [x.low for x in found[0]], words


def paths(
    method: Any, oracle: Samples, start: Fraction, steps: int, most: Fraction | None = None, *, noisy: bool = False
) -> list[list[Interval]]:
    """The iterates x_0, …, x_N of all runs, each enclosed; samples are at most `most`, or there are none."""
    if noisy and most is not None and steps > BRANCHING:
        raise ValueError("too many outcomes")
    with enclosing(lambda number: Enclosed(root(Interval.of(number)))):
        runs = [(state := method.start(start, oracle), [interval(method.output(state))])]
        for k in range(steps):
            after = []
            for state, path in runs:
                for noise in _outcomes(oracle, path[-1], most, noisy=noisy):
                    oracle.noise = noise
                    new = method.advance(k, state, oracle)
                    after.append((new, [*path, interval(method.output(new))]))
            runs = after
    return [path for _, path in runs]


def _outcomes(oracle: Samples, x: Interval, most: Fraction | None, *, noisy: bool) -> tuple[Fraction, ...]:
    if most is None:
        return (Fraction(0),)
    slope = interval(oracle.gradient(Enclosed(x)))
    room = most - max(abs(slope.low), abs(slope.high))
    if room < 0:
        raise ValueError("a sample is larger than its bound")
    return (room, -room) if noisy and room else (Fraction(0),)


class Samples(Oracle):
    """The function, with the noise of the sample that is drawn next."""

    noise = Fraction(0)

    def stochastic_gradient(self, x: Any) -> Enclosed:
        """All derivatives on the interval of x, and the noise."""
        return self.gradient(x) + self.noise


def _measured(claim: Claim, oracle: Samples, x: Interval) -> Interval:
    match claim.measured.what:
        case "gradient":
            slope = interval(oracle.gradient(Enclosed(x)))
            return size(slope, claim.measured.power)
        case "gap":
            return interval(oracle.value(Enclosed(x))) - Interval.of(oracle.function.value(oracle.minimizer))
        case "distance":
            return size(x - Interval.of(oracle.minimizer), claim.measured.power)
    raise ValueError("not measured in such runs")


def mean(values: list[Interval]) -> Interval:
    """The mean of some numbers."""
    total = Interval.of(0)
    for value in values:
        total = total + value
    return total / Interval.of(len(values))
