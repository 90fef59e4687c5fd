"""What an audit finds: a value with a stable code, the tensors concerned, what is wrong and what to change."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Severity(Enum):
    """Errors and warnings are findings; notes are for information and do not fail an audit."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong, or worth knowing."""

    code: str
    severity: Severity
    tensors: tuple[str, ...]
    message: str
    change: str = ""

    def __str__(self) -> str:
        return f"{self.severity.value} [{self.code}] {self.message}" + (f" → {self.change}" if self.change else "")


def some(names: tuple[str, ...] | list[str], most: int = 3) -> str:
    """``a, b, c and 4 more``."""
    shown = ", ".join(names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"
