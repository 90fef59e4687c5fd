"""What a norm is: a frozen value that knows its dual, its linear minimisation oracle and its constants.

Tensors carry the vector (or matrix) in their last axes, everything before is batch: a norm of vectors maps
(…, d) to (…), a norm of matrices (…, m, n) to (…). Torch is imported where tensors are computed, not here.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

from certify.geometry.roots import Root

if TYPE_CHECKING:
    from torch import Tensor


class Norm(ABC):
    """A norm on vectors, matrices or tuples of them; subclasses are frozen dataclasses.

    Its axioms, which tests hold against the tensors: ⟨g, x⟩ ≤ ‖g‖* ‖x‖; ⟨g, lmo(g)⟩ = −‖g‖* with ‖lmo(g)‖ ≤ 1;
    ‖x + y‖ ≤ ‖x‖ + ‖y‖; below(shape) ‖x‖₂ ≤ ‖x‖ ≤ above(shape) ‖x‖₂ with both constants attained.
    """

    @property
    @abstractmethod
    def name(self) -> str:
        """A short name: ``linf``, ``spectral``."""

    @property
    @abstractmethod
    def latex(self) -> str:
        r"""The norm of x in LaTeX: ``\|x\|_\infty``."""

    @property
    @abstractmethod
    def dual(self) -> Norm:
        """‖g‖* = max { ⟨g, x⟩ : ‖x‖ ≤ 1 }."""

    @abstractmethod
    def value(self, x: Any) -> Tensor:
        """‖x‖."""

    @abstractmethod
    def lmo(self, g: Any) -> Any:
        """A minimiser of ⟨g, x⟩ over ‖x‖ ≤ 1; 0 where g = 0."""

    @abstractmethod
    def below(self, *shape: Any) -> Root:
        """The largest c with c ‖x‖₂ ≤ ‖x‖ for all x of this shape (‖·‖₂ of all entries)."""

    @abstractmethod
    def above(self, *shape: Any) -> Root:
        """The least C with ‖x‖ ≤ C ‖x‖₂."""

    def dual_value(self, g: Any) -> Tensor:
        """The dual norm ‖g‖⁎."""
        return self.dual.value(g)

    def norming(self, x: Any) -> Any:
        """A subgradient of the norm at x: g with ‖g‖* ≤ 1 and ⟨g, x⟩ = ‖x‖."""
        found = self.dual.lmo(x)
        return tuple(-part for part in found) if isinstance(found, tuple) else -found
