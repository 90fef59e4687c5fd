"""What `conclude` returns."""

from __future__ import annotations

from dataclasses import dataclass

from certify.analysis.results import Formula
from certify.kernel import Certificate
from certify.prove.recursions import Conclusion


@dataclass(frozen=True)
class Consequences:
    """Everything that follows from the one-step inequality; `strict` are further certificates (rate < 1)."""

    step_size: Formula | None
    rate: Formula | None
    optimal: Formula | None
    bound: Formula | None
    complexity: Formula | None
    conclusion: Conclusion
    strict: tuple[Certificate, ...] = ()
