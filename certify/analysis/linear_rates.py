"""Linear rates of declared methods as the user asks for them: by names, with rules such as gamma=1/L."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from certify.analysis.errors import BadInput
from certify.analysis.worst_cases import request
from certify.language.roundings import roundings
from certify.pep.contraction import BestRate
from certify.pep.method_rates import rate_of
from certify.pep.questions import BadQuestion, Question, evaluate
from certify.pep.rate_certificates import rate_to_json


@dataclass(frozen=True)
class LinearRate:
    """A question (its start and number of steps do not matter) and the interval of its best rate."""

    question: Question
    rate: BestRate
    nonnegative: bool = False
    """Whether V was to be a sum of squares and nonnegative values."""
    rounded: bool = False
    """Whether the method has irrational coefficients, for which rational numbers stand."""

    def certificate(self) -> dict[str, Any] | None:
        """The certificate file, if a rate was proved."""
        return rate_to_json(self.question, self.rate, nonnegative=self.nonnegative)


def _most(below: str, values: Mapping[str, str]) -> Fraction:
    try:
        return evaluate(below, values)
    except (BadQuestion, ValueError) as error:
        raise BadInput(f"--below {below!r} must be a number or a formula in what is set, such as 1 - mu/L") from error


def find(
    method: str, assumptions: Sequence[str], rules: Sequence[str], *, measure: str, below: str, nonnegative: bool
) -> LinearRate:
    """The best linear rate at most `below`; raises `BadInput`."""
    wanted = request(method, assumptions, rules, steps=1, measure=measure, initial="distance<=1")
    asked = wanted.question()
    try:
        most = _most(below, dict(wanted.rules))
        with roundings() as count:
            rate = rate_of(asked, between=(0, most), nonnegative=nonnegative)
        return LinearRate(asked, rate, nonnegative, count[0] > 0)
    except (BadQuestion, ValueError) as error:
        raise BadInput(str(error)) from error
