"""Claims against exact worst cases: a lower end above the claimed number refutes, an upper end at most it proves.

At numbers for all parameters the bound is b₀ + I with I = b₁R² + b₂Δ₀ + b₃G₀². The worst case is taken over all
starts with I ≤ s, so that a lower end above b₀ + s is a contradiction; and multipliers with at most 1 on I ≤ s and at
most b₀ left over prove the claim for every start.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from certify.claims.claim import DIMENSION, STEPS, Claim
from certify.claims.formulas import names
from certify.claims.intervals import Interval, NotEvaluated, power
from certify.claims.samples import STEPS_TRIED, points
from certify.claims.starts import ONE, STARTS, Form, form
from certify.claims.words import short
from certify.language import DISTANCE, GAP, GRADIENT, Measure, Run
from certify.language.measures import MEASURES, OPERATOR, RESIDUAL, STEP, SUBGRADIENT2, at_average, best, mean, measure
from certify.pep import BadQuestion
from certify.pep.certificates import to_json
from certify.pep.engine.bounds import Bound
from certify.pep.modelling.expressions import NotModelled, equal
from certify.pep.questions import Question, question
from certify.pep.runs import answer, pose

TWO = Fraction(2)
NONE, UNIT = Fraction(0), Fraction(1)
KEYS: Mapping[tuple[Fraction, ...], Measure] = {
    (TWO, NONE, NONE, NONE): DISTANCE,
    (NONE, UNIT, NONE, NONE): GAP,
    (NONE, NONE, TWO, NONE): GRADIENT,
}
WORDS: Mapping[str, Measure] = {
    "gap": GAP, "distance": DISTANCE, "gradient": GRADIENT, "subgradient": SUBGRADIENT2, "operator": OPERATOR,
    "residual": RESIDUAL, "step": STEP,
}  # fmt: skip
SCALES = (Fraction(1), Fraction(1, 100), Fraction(100))
MARGIN = Fraction(1, 10**9)
"""By so much, relatively, must worst cases of rounded coefficients differ from a claim to decide it."""


@dataclass(frozen=True)
class Case:
    """One comparison at numbers: the interval of the worst case, the claimed number, and what follows."""

    steps: int
    values: Mapping[str, Fraction]
    start: str
    claimed: Interval
    bound: Bound
    verdict: str
    certificate: dict[str, Any] | None = None
    rounded: bool = False
    """Whether the method's coefficients were rounded to 64 bits."""

    def describe(self) -> str:
        """The comparison in one line."""
        shown = ", ".join([*(f"{n} = {v}" for n, v in self.values.items() if n != STEPS), self.start])
        low, high = self.bound.lower, self.bound.upper
        worst = f"[{'?' if low is None else short(low)}, {'?' if high is None else short(high, up=True)}]"
        claimed = short(self.claimed.high, up=True)
        return f"N = {self.steps}, {shown}: claimed {claimed}, worst case in {worst}"

    def to_json(self) -> dict[str, Any]:
        """Plain data; rationals are texts."""
        return {
            "steps": self.steps,
            "values": {n: str(v) for n, v in self.values.items()},
            "start": self.start,
            "claimed": [str(self.claimed.low), str(self.claimed.high)],
            "lower": None if self.bound.lower is None else str(self.bound.lower),
            "upper": None if self.bound.upper is None else str(self.bound.upper),
            "certificate": self.certificate,
        }


def measured(claim: Claim) -> Measure:
    """The claim's left side as a measure of runs; squared where it is a norm. Raises `NotEvaluated`."""
    word = WORDS[claim.measured.what]
    first, before = claim.measured.first, claim.measured.before
    match claim.measured.iterate:
        case "last":
            return MEASURES[word.name]
        case "best":
            return best(word, before=before, first=first)
        case "average":
            return at_average(word, before=before, first=first)
        case "values":
            return mean(word, before=before, first=first)
        case _:
            raise NotEvaluated("an average with weights of its own")


def squared(claim: Claim) -> bool:
    """Whether both sides are squared for the comparison."""
    return claim.measured.what != "gap" and claim.measured.power == 1


def initial(found: Form) -> tuple[Measure, Fraction, Interval, str] | None:
    """The measure I of the start, its weight in the bound, b₀, and its name; None if there is none."""
    weights: dict[str, Fraction] = {}
    constant = found.get(ONE, Interval.of(0))
    for key, value in found.items():
        if key == ONE:
            continue
        if key not in KEYS or value.high <= 0 or value.low < 0:
            return None
        weights[KEYS[key].name] = value.high  # a larger right side is the safe one for refutations
    if len(weights) == 1:
        ((name, weight),) = weights.items()
        return MEASURES[name], weight, constant, name
    if not weights:
        return None

    def at(run: Run, k: int) -> Any:
        total: Any = None
        for name, weight in weights.items():
            term = weight * MEASURES[name].of(run, k)[0]
            total = term if total is None else total + term
        return total

    text = " + ".join(f"{w} {MEASURES[n].describe('{x}')}" for n, w in weights.items())
    return measure("claimed start", text, at), Fraction(1), constant, "the bound's own start"


def _growing(found: Form) -> tuple[Measure, Fraction, Interval] | None:
    """One term c Iᵉ, e > 0, beside b₀: I, e and c. The bound grows with I, so that it is largest at I = s.

    Over the starts with I ≤ s a lower end above b₀ + c sᵉ contradicts the claim; multipliers for one s prove nothing.
    """
    terms = [(k, v) for k, v in found.items() if k != ONE]
    if len(terms) != 1 or terms[0][1].low < 0:
        return None
    key, weight = terms[0]
    for unit, start in KEYS.items():
        place = next(i for i, e in enumerate(unit) if e)
        if key[place] > 0 and not any(e for i, e in enumerate(key) if i != place):
            return start, key[place] / unit[place], weight
    return None


@dataclass
class Bench:
    """Worst cases of one claim, within a time limit."""

    claim: Claim
    deadline: float

    def compare(
        self, steps: int, values: Mapping[str, Fraction], scale: Fraction, *, exact: bool = False
    ) -> Case | None:
        """One comparison; None where the claim or the method cannot be stated in this way."""
        fixed = {n: values[n] for n in STARTS if n in values}
        numbers = {n: Interval.of(v) for n, v in values.items()}
        try:
            sought = measured(self.claim)
            found = form(self.claim.bound, numbers)
            if squared(self.claim):
                found = square(found)
        except (NotEvaluated, KeyError, ValueError):
            return None
        if any(key[3] for key in found):
            return None
        if fixed:
            return self._fixed(steps, values, found, sought, fixed, exact)
        known = initial(found)
        if known is None and (single := _growing(found)) is not None and not exact:
            start, exponent, weight = single
            size = power(Interval.of(scale), Interval.of(exponent))
            claimed = found.get(ONE, Interval.of(0)) + weight * size
            words = f"{start.name} ≤ {short(scale)}"
            return self._solve(steps, values, sought, start, scale, claimed, words)
        if known is None:
            if set(found) <= {ONE} and found:  # from any start
                return self._solve(steps, values, sought, DISTANCE, scale, found[ONE], f"R² ≤ {scale}", exact=exact)
            return None
        start, weight, constant, word = known
        claimed = constant + Interval.of(weight * scale)
        return self._solve(steps, values, sought, start, scale, claimed, f"{word} ≤ {short(scale)}", exact=exact)

    def _fixed(
        self,
        steps: int,
        values: Mapping[str, Fraction],
        found: Form,
        sought: Measure,
        fixed: Mapping[str, Fraction],
        exact: bool,
    ) -> Case | None:
        """With R or Δ₀ itself in the step sizes the start has exactly this size."""
        if set(found) - {ONE} or len(fixed) != 1:
            return None
        ((name, size),) = fixed.items()
        start, bound = (DISTANCE, size**2) if name == "R" else (GAP, size)
        words = f"{name} = {size}"
        return self._solve(
            steps, values, sought, start, bound, found.get(ONE, Interval.of(0)), words, tight=True, exact=exact
        )

    def _solve(
        self,
        steps: int,
        values: Mapping[str, Fraction],
        sought: Measure,
        start: Measure,
        scale: Fraction,
        claimed: Interval,
        words: str,
        *,
        tight: bool = False,
        exact: bool = False,
    ) -> Case | None:
        claim = self.claim
        own = {n: v for n, v in values.items() if n in claim.parameters and n != claim.method.horizon()}
        try:
            asked = question(
                claim.method, list(claim.roles) if len(claim.roles) > 1 else claim.roles[0], own,
                steps=steps, measure=sought, initial=start, bound=scale,
            )  # fmt: skip
            posed = pose(asked)
            if tight:
                posed.model.suppose(equal(start.of(posed.run, 0)[0], scale), name="size of the start")
            bound = answer(posed, exact=exact)
        except (BadQuestion, NotModelled, ValueError, TypeError):
            return None
        verdict, rounded = "", bool(posed.rounded)
        margin = MARGIN * abs(claimed.high) if rounded else Fraction(0)
        if bound.lower is not None and bound.lower > claimed.high + margin:
            verdict = "refuted"
        elif bound.upper is not None and bound.upper <= claimed.low - margin:
            verdict = "holds"
        data = _certificate(asked, bound) if start.name in MEASURES and sought.name in MEASURES and not tight else None
        told = {n: v for n, v in values.items() if n not in STARTS and (n != DIMENSION or n in claim.parameters)}
        return Case(steps, told, words, claimed, bound, verdict, data, rounded)


def _certificate(asked: Question, bound: Bound) -> dict[str, Any] | None:
    try:
        return to_json(asked, bound)
    except ValueError:
        return None


def square(found: Form) -> Form:
    """The form, squared."""
    from certify.claims.starts import _product

    return _product(found, found)


def starts_fixed(claim: Claim) -> dict[str, Fraction]:
    """Numbers for R or Δ₀ where step sizes or conditions depend on them."""
    used = frozenset().union(
        *(names(f) for f in claim.values.values()), *(names(c.left) | names(c.right) for c in claim.conditions)
    )
    return {n: Fraction(1) for n in ("R", "Delta0") if n in used}


def counts(claim: Claim) -> tuple[int, ...]:
    """The numbers of steps to look at."""
    if claim.steps is not None:
        return (claim.steps,)
    return tuple(n for n in STEPS_TRIED if n >= claim.least)


def refute(claim: Claim, seconds: float) -> tuple[Case | None, list[Case]]:
    """The first worst case that contradicts the claim, and all that were looked at."""
    bench = Bench(claim, time.process_time() + seconds)
    seen: list[Case] = []
    fixed = starts_fixed(claim)
    grids = [(n, list(points(claim, n, fixed))) for n in counts(claim) if n >= 1]
    longest = max((len(g) for _, g in grids), default=0)
    homogeneous = not {"M", "sigma", "D"} & claim.parameters.keys()
    for i in _spread(longest):
        for steps, grid in grids:
            if i >= len(grid) or (i >= 6 and steps > 5):
                continue
            for scale in SCALES[:1] if homogeneous or fixed else SCALES:
                if time.process_time() > bench.deadline:
                    return None, seen
                case = bench.compare(steps, grid[i], scale)
                if case is None:
                    continue
                seen.append(case)
                if case.verdict == "refuted":
                    return case, seen
    return None, seen


def _spread(count: int) -> list[int]:
    """0, 1, …, count − 1 with the first few first and then in large strides."""
    head = list(range(min(count, 8)))
    return head + [i for stride in (16, 4, 1) for i in range(stride // 2, count, stride) if i not in head][:80]
