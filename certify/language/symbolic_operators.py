"""The symbolic operator of a trace: calls become points and outputs, with a zero or a fixed point that is known.

An operator A with a zero is written like a gradient; a map T with a fixed point sends points to points, T(x) = x⋆ + …,
so that x − T(x) knows nothing of x⋆ itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from certify.language.oracles import MINIMIZER, SymbolicFunction
from certify.language.records import Evaluation
from certify.language.scalar import Scalar
from certify.language.trace import Trace
from certify.language.vector import Vector


@dataclass
class SymbolicOperator(SymbolicFunction):
    """A, or T, in a trace. `constants` are the constants of its class: ``A.L``, ``A.mu``, ``A.beta``."""

    maps_points: bool = False
    """Whether outputs are points, because x⋆ is a fixed point and no zero."""

    def __call__(self, x: Vector) -> Vector:
        """A(x), or an element of it: the one recorded at x, if there is one."""
        return self.subgradient(x)

    @property
    def zero(self) -> Vector:
        """x⋆ with 0 ∈ A(x⋆); using it asserts that there is one."""
        if self.maps_points:
            raise NotImplementedError("the operator's fixed point is used, so that no zero is known")
        self._alone("zero")
        return self._known(self.trace.geometry.zero())

    @property
    def fixed_point(self) -> Vector:
        """x⋆ with T(x⋆) = x⋆; using it asserts that there is one."""
        self._alone("fixed point")
        if not self.maps_points:
            raise NotImplementedError("the operator's zero is used, so that no fixed point is known")
        return self._known(self._minimizer)

    @property
    def minimizer(self) -> Vector:
        """x⋆, whatever it is: the name under which the measures know it."""
        return self.fixed_point if self.maps_points else self.zero

    @property
    def minimum(self) -> Scalar:
        """Operators have no values."""
        raise NotImplementedError("an operator has no function values")

    def resolvent(self, x: Vector, step: Scalar) -> Vector:
        """J_{γA}(x) = (I + γA)⁻¹ x: u = x − γ v with v ∈ A(u)."""
        return self.prox(x, step)

    def at(self, point: Vector) -> Evaluation:
        """The record at a point, made when first needed."""
        if point == self._minimizer and self.together is None:
            self._known(self._minimizer if self.maps_points else self.trace.geometry.zero())
        return super().at(point)

    def _known(self, output: Vector) -> Vector:
        if self._minimizer not in self.evaluations:
            self.evaluations[self._minimizer] = Evaluation(self._minimizer, MINIMIZER, Scalar.constant(0), output)
        return self._minimizer

    def _slope(self, label: str, draws: frozenset[int]) -> Vector:
        return self.point(f"T{label}") if self.maps_points else super()._slope(label, draws)


def maps_points(method: Any) -> bool:
    """Whether the method looks for a fixed point of its operator."""
    probe = _Probe()
    method.solution(probe)
    return probe.fixed


class _Probe:
    """What a method calls its solution."""

    fixed = False

    @property
    def zero(self) -> None:
        """A zero."""

    @property
    def fixed_point(self) -> None:
        """A fixed point."""
        self.fixed = True


def symbolic_operator(trace: Trace, constants: Any, method: Any) -> SymbolicOperator:
    """The only operator of a method in a trace."""
    return SymbolicOperator(trace, constants, method, maps_points=maps_points(method))
