"""The norms ℓp of vectors, for rational p from 1 to ∞."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from certify.geometry.base import Norm
from certify.geometry.roots import ONE, Root

if TYPE_CHECKING:
    from torch import Tensor

HALF = Fraction(1, 2)


@dataclass(frozen=True)
class Lp(Norm):
    """‖x‖_p, stored as `reciprocal` = 1/p in [0, 1], so that ℓ∞ is 0 and the dual norm is 1 − 1/p."""

    reciprocal: Fraction

    def __post_init__(self) -> None:
        if not 0 <= self.reciprocal <= 1:
            raise ValueError(f"1/p = {self.reciprocal}, but ℓp is a norm for 1 ≤ p ≤ ∞ only")
        object.__setattr__(self, "reciprocal", Fraction(self.reciprocal))

    @property
    def name(self) -> str:
        """``l1``, ``l2``, ``linf``, ``lp:3/2``."""
        p = exponent_text(self.reciprocal)
        return f"l{p}" if p in ("1", "2", "inf") else f"lp:{p}"

    @property
    def latex(self) -> str:
        r"""``\|x\|_{p}``."""
        return rf"\|x\|_{{{exponent_latex(self.reciprocal)}}}"

    @property
    def dual(self) -> Lp:
        """ℓq with 1/p + 1/q = 1."""
        return Lp(1 - self.reciprocal)

    def value(self, x: Tensor) -> Tensor:
        """‖x‖_p over the last axis."""
        import torch

        order = float("inf") if not self.reciprocal else float(1 / self.reciprocal)
        if order in (1.0, 2.0, float("inf")):
            return torch.linalg.vector_norm(x, ord=order, dim=-1)
        size = x.abs().amax(-1, keepdim=True)
        safe = size.where(size > 0, 1.0)
        return (size * torch.linalg.vector_norm(x / safe, ord=order, dim=-1, keepdim=True)).squeeze(-1)

    def lmo(self, g: Tensor) -> Tensor:
        """−sign(g) for ℓ∞, minus one signed unit vector for ℓ1, −sign(g) (|g|/‖g‖_q)^(q−1) between."""
        import torch

        if not self.reciprocal:
            return -g.sign()
        if self.reciprocal == 1:
            largest = g.abs().argmax(-1, keepdim=True)
            return torch.zeros_like(g).scatter(-1, largest, -g.gather(-1, largest).sign())
        size = self.dual.value(g)[..., None]
        part = g.abs() / size.where(size > 0, 1.0)
        power = float(self.reciprocal / (1 - self.reciprocal))  # q − 1
        return -g.sign() * part**power

    def below(self, *shape: int) -> Root:
        """d^(1/p − 1/2) if p > 2, else 1."""
        return _flat(shape) ** (self.reciprocal - HALF) if self.reciprocal < HALF else ONE

    def above(self, *shape: int) -> Root:
        """d^(1/p − 1/2) if p < 2, else 1."""
        return _flat(shape) ** (self.reciprocal - HALF) if self.reciprocal > HALF else ONE


L1, L2, LINF = Lp(Fraction(1)), Lp(HALF), Lp(Fraction(0))


def exponent_text(reciprocal: Fraction) -> str:
    """p as text."""
    return str(1 / reciprocal) if reciprocal else "inf"


def exponent_latex(reciprocal: Fraction) -> str:
    """p in LaTeX."""
    return str(1 / reciprocal) if reciprocal else r"\infty"


def _flat(shape: tuple[int, ...]) -> Root:
    (dimension,) = shape
    return Root.of(dimension)
