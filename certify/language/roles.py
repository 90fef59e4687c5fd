"""Several functions in one trace: the roles of methods for f + ψ or for a sum of samples.

Only the minimiser of the sum of all functions is known: there each function has a slope, and the slopes add up to 0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from certify.language.oracles import MINIMIZER, SymbolicFunction
from certify.language.records import Evaluation
from certify.language.scalar import Scalar
from certify.language.trace import Trace
from certify.language.vector import Vector

LOWEST = f"F{MINIMIZER}"
"""The infimum of the sum."""


@dataclass
class Together:
    """All functions of a trace and what they share: x⋆, and whether their sum is used to be bounded below."""

    point: Vector
    functions: tuple[SymbolicFunction, ...] = ()
    bounded_below: bool = False

    def minimizer(self) -> Vector:
        """x⋆; using it asserts that the sum has a minimiser."""
        if self.point not in self.functions[0].evaluations:
            trace, rest = self.functions[0].trace, self.functions[0].trace.geometry.zero()
            for f in self.functions:
                last = f is self.functions[-1]
                slope = rest if last else trace.vector(f"g{f.role}_{MINIMIZER}", dual=True)
                rest = rest - slope
                value = trace.scalar(f.value_name(MINIMIZER))
                f.evaluations[self.point] = Evaluation(self.point, MINIMIZER, value, slope)
        return self.point

    def lower_bounds(self) -> None:
        """Suppose F ≥ inf F wherever all functions were evaluated, if inf F was used."""
        if not self.bounded_below:
            return
        first, *others = self.functions
        for point, evaluation in list(first.evaluations.items()):
            if all(point in f.evaluations for f in others):
                total = evaluation.value + sum(f.evaluations[point].value for f in others)
                label = evaluation.label
                first.trace.suppose(
                    total >= Scalar.variable(LOWEST), name=f"minimum[{label}]", note=f"F(x{label}) ≥ F⋆"
                )


@dataclass(frozen=True)
class SymbolicSum:
    """f + g + … of functions in one trace."""

    parts: tuple[SymbolicFunction, ...]

    def __add__(self, other: SymbolicFunction) -> SymbolicSum:
        return SymbolicSum((*self.parts, other))

    def value(self, x: Any) -> Scalar:
        """The sum of the values."""
        return sum((f.value(x) for f in self.parts), Scalar.constant(0))

    def gradient(self, x: Any) -> Vector:
        """The sum of the gradients."""
        first, *others = (f.gradient(x) for f in self.parts)
        for other in others:
            first = first + other
        return first

    @property
    def minimizer(self) -> Vector:
        """x⋆."""
        return self._whole().minimizer()

    @property
    def minimum(self) -> Scalar:
        """The infimum of the sum; using it asserts that it is finite."""
        whole = self._whole()
        whole.bounded_below = True
        return Scalar.variable(LOWEST)

    def _whole(self) -> Together:
        together = self.parts[0].together
        if together is None or {id(f) for f in self.parts} != {id(f) for f in together.functions}:
            raise NotImplementedError("only the sum of all functions has a minimiser that is known in symbols")
        return together


def symbolic_functions(
    trace: Trace,
    names: Sequence[str],
    constants: Sequence[Mapping[str, Any]],
    method: Any,
    kind: type[SymbolicFunction] = SymbolicFunction,
) -> tuple[SymbolicFunction, ...]:
    """One function for each role: f alone, or several that share x⋆."""
    if len(names) == 1:
        return (SymbolicFunction(trace, constants[0], method),)
    together = Together(trace.vector(f"x{MINIMIZER}"))
    together.functions = tuple(
        kind(trace, own, method, role=name, together=together) for name, own in zip(names, constants, strict=True)
    )
    return together.functions
