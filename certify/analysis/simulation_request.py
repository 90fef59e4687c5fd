"""What the user asked ``certify simulate`` for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Request:
    """What the user asked for; names of methods and assumptions are those of `certify list` or paths."""

    method: str
    assumptions: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    measure: str | None = None
    bounds: tuple[str, ...] = ()
    runs: int = 10_000
    steps: int = 20
    seed: int = 0
    device: str = "auto"
    seconds: float = 30.0
    data: bool = False
    worst: bool = False
    search: bool = False
