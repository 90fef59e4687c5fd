"""The base of all families of test functions in a norm."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from certify.geometry import LINF, Norm
from certify.simulate.functions import TestFunction
from certify.simulate.normed.space import TensorSpace

SIMPLE = frozenset({"value", "subgradient", "brox"})


class InNorm(TestFunction):
    """A family of functions in the norm `norm`."""

    norm: ClassVar[Norm] = LINF
    oracles = SIMPLE

    @classmethod
    def of(cls, norm: Norm) -> type[Self]:
        """The family in this norm."""
        made: Any = type(cls.__name__, (cls,), {"norm": norm, "__module__": cls.__module__, "__doc__": cls.__doc__})
        return made

    @property
    def space(self) -> TensorSpace:
        """Rᵈ with the norm."""
        return TensorSpace(self.norm)
