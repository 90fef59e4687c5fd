"""What oracles ask of a function: the interface of one function, and the part of it that sums of functions have too."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from flint import fmpq

from certify.language import Evaluation
from certify.pep.modelling.expressions import Expression, Point, Space
from certify.pep.modelling.ledger import Ledger


class FunctionLike(Protocol):
    """A function or a linear combination of functions."""

    model: Ledger
    space: Space
    name: str

    @property
    def convex(self) -> bool:
        """Whether the assumptions say that f is convex."""
        ...

    @property
    def minimizer(self) -> Point:
        """A minimiser."""
        ...

    @property
    def minimum(self) -> Expression:
        """The infimum."""
        ...

    def __call__(self, x: Point) -> Expression:
        """f(x)."""
        ...

    def gradient(self, x: Point, *, fresh: bool = False) -> Point:
        """Some g ∈ ∂f(x)."""
        ...

    def subgradient(self, x: Point, *, fresh: bool = False) -> Point:
        """The same."""
        ...


class OneFunction(FunctionLike, Protocol):
    """A function with a record of its own; hashed by identity."""

    @property
    def curvature(self) -> tuple[fmpq | None, fmpq | None]:
        """Bounds m ≤ M of the curvature."""
        ...

    @property
    def evaluations(self) -> Sequence[Evaluation]:
        """What was recorded."""
        ...

    def at(self, x: Point) -> Evaluation:
        """The record at a point."""
        ...

    def known(self, x: Point, value: Expression | None, gradient: Point | None, *, label: str = "") -> Any:
        """Record that f(x) is `value` and that `gradient` ∈ ∂f(x)."""
        ...

    def knows(self, x: Point) -> bool:
        """Whether f was evaluated at x."""
        ...

    def fresh_gradient(self, label: str = "") -> Point:
        """A new vector to be recorded as a (sub)gradient."""
        ...
