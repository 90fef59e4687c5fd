"""What a trace remembers of its oracle calls: evaluations, samples, ball-prox steps."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from certify.language.scalar import Scalar
from certify.language.vector import Vector

if TYPE_CHECKING:
    from certify.language.oracles import SymbolicFunction


@dataclass
class Evaluation:
    """What is known of f at one point: the point, f's value there and, if asked for, a (sub)gradient.

    Points and gradients are abstract vectors, values are scalars; in numerical worst cases both are linear forms.
    """

    point: Any
    label: str
    value: Any
    subgradient: Any = None

    @property
    def output(self) -> Any:
        """What an operator returned: its word for the gradient."""
        return self.gradient

    @property
    def gradient(self) -> Any:
        """The recorded (sub)gradient."""
        if self.subgradient is None:
            raise LookupError(f"no subgradient of f at x{self.label} was asked for")
        return self.subgradient


@dataclass(frozen=True)
class BallProxCall:
    """u ∈ brox_t f(x) = argmin{ f(z) : ‖z − x‖ ≤ t }, at a step that has not yet reached a minimiser.

    `multiplier` is c > 0 with the subgradient g = c (x − u) at u (Euclidean space; None in a space with only a norm).
    """

    center: Vector
    output: Evaluation
    radius: Scalar
    multiplier: Scalar | None


@dataclass(frozen=True)
class Draw:
    """A sample i: what is known of a random function f_i with mean f, given all that was drawn before.

    `output` is ∇f_i at the point where the method asked for it; `at` is f_i itself at any point, for assumptions
    that say something about every f_i. For a proximal step `reached` is f_i at its end, which depends on i.
    """

    function: SymbolicFunction
    point: Evaluation
    draws: frozenset[int]
    unbiased: bool = True
    evaluations: dict[str, Evaluation] = field(default_factory=dict)
    reached: Evaluation | None = None

    @property
    def used(self) -> Evaluation:
        """f_i where its gradient was taken: at the point, or at the end of a proximal step."""
        return self.reached or self.at(self.point.point)

    @property
    def output(self) -> Vector:
        """∇f_i(x)."""
        return self.evaluations[self.point.label].gradient

    @property
    def label(self) -> str:
        """The label of the point, with a mark for every sample drawn there before."""
        return self._mark(self.point.label)

    def at(self, point: Any) -> Evaluation:
        """f_i at a point that does not depend on i; E f_i = f and E ∇f_i = ∇f there."""
        if not self.unbiased:
            raise LookupError("a biased gradient is not that of a sample f_i with mean f")
        if any(i >= min(self.draws) for i in self.function.trace.draws_of(point)):
            raise ValueError("E f_i(x) = f(x) holds at points that do not depend on i only")
        self.function.gradient(point)
        own, trace = self.function.at(point), self.function.trace
        if own.label not in self.evaluations:
            self.record(own)
        left, right = trace.mean(self.evaluations[own.label].value), trace.mean(own.value)
        mark = self._mark(own.label)
        trace.equate(left, right, name=f"mean[{mark}]", note=f"E f_i(x{own.label}) = f(x{own.label})")
        return self.evaluations[own.label]

    def record(self, own: Evaluation) -> Vector:
        """A fresh value and gradient of f_i at a point."""
        mark, trace = self._mark(own.label), self.function.trace
        draws = self.draws | trace.draws_of(own.point)
        value, g = trace.scalar(f"fi_{mark}", draws=draws), trace.vector(f"s{mark}", dual=True, draws=draws)
        self.evaluations[own.label] = Evaluation(own.point, own.label, value, g)
        return g

    def _mark(self, label: str) -> str:
        return label + "'" * sum(d.point.point == self.point.point for d in self.function.earlier(self))
