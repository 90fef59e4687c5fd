"""The rows of a rate table, read off analyses: nothing in a row is typed in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from fractions import Fraction

from certify.analysis.results import Analysis, Formula, TheoremResult, Verdict


@dataclass(frozen=True)
class Row:
    """One theorem with the method and the assumptions it is about (names and formulas)."""

    method: str
    title: str
    update: Formula
    assumptions: tuple[tuple[str, Formula], ...]
    theorem: TheoremResult

    @property
    def established(self) -> bool:
        """Whether the kernel checked an exact certificate and nothing contradicts it."""
        return self.theorem.verdict in (Verdict.PROVED, Verdict.CERTIFIED) and not self.theorem.contradiction

    @property
    def attained(self) -> str | None:
        """``99.99%``: the share of the one-step bound that some function attains, rounded down; None if unknown.

        An exact lower end at one rational point of the parameters. Where only a relaxation was solved nothing is said.
        """
        found = self.theorem.worst_case
        if not found or not found.get("lower") or found.get("relaxations"):
            return None
        share = min(Fraction(found["lower"]), Fraction(1)) * 100
        if share == 100:
            return "100%"
        digits = Decimal("0.01") if share >= 99 else Decimal(1)
        rounded = (Decimal(share.numerator) / Decimal(share.denominator)).quantize(digits, rounding=ROUND_FLOOR)
        return f"{rounded}%"


def rows(analyses: Iterable[Analysis]) -> list[Row]:
    """The theorems in the order of the analyses; those of one method stand together."""
    found = []
    for analysis in analyses:
        formulas = dict(analysis.assumptions)
        for theorem in analysis.theorems:
            names = theorem.identifier.split("/")[1].split("+")
            own = tuple((name, formulas[name]) for name in names if name in formulas)
            found.append(Row(analysis.method, analysis.title, theorem.update or analysis.update, own, theorem))
    return found
