"""Norms of matrices: those of the singular values, and those of the columns' or rows' norms.

Schatten norms: spectral, nuclear, Frobenius. Mixed norms: max column ℓ2 (the operator norm 1 → 2), max row ℓ2
(2 → ∞), max entry (1 → ∞) and their duals.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from certify.geometry.base import Norm
from certify.geometry.roots import Root
from certify.geometry.vectors import HALF, Lp, exponent_latex, exponent_text

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Schatten(Norm):
    """The ℓp norm of the singular values, with `reciprocal` = 1/p: spectral 0, Frobenius 1/2, nuclear 1."""

    reciprocal: Fraction

    def __post_init__(self) -> None:
        object.__setattr__(self, "reciprocal", self.vector.reciprocal)

    @property
    def vector(self) -> Lp:
        """The norm of the singular values."""
        return Lp(self.reciprocal)

    @property
    def name(self) -> str:
        """``spectral``, ``frobenius``, ``nuclear``, ``schatten:3``."""
        names = {Fraction(0): "spectral", HALF: "frobenius", Fraction(1): "nuclear"}
        return names.get(self.reciprocal, f"schatten:{exponent_text(self.reciprocal)}")

    @property
    def latex(self) -> str:
        r"""``\|x\|_{S_p}`` and the usual names for p = 1, 2."""
        names = {HALF: r"\|x\|_F", Fraction(1): r"\|x\|_{\mathrm{nuc}}", Fraction(0): r"\|x\|_{\mathrm{op}}"}
        return names.get(self.reciprocal, rf"\|x\|_{{S_{{{exponent_latex(self.reciprocal)}}}}}")

    @property
    def dual(self) -> Schatten:
        """The Schatten norm of the dual exponent."""
        return Schatten(1 - self.reciprocal)

    def value(self, x: Tensor) -> Tensor:
        """Over the last two axes; NaN where an entry is not finite."""
        import torch

        if self.reciprocal == HALF:
            return torch.linalg.matrix_norm(x)
        finite = _finite(x)
        sizes = self.vector.value(torch.linalg.svdvals(x.where(finite[..., None, None], 0.0)))
        return sizes.where(finite, torch.nan)

    def lmo(self, g: Tensor) -> Tensor:
        """U diag(lmo(σ)) Vᵀ for g = U diag(σ) Vᵀ: −UVᵀ for the spectral norm, −u₁v₁ᵀ for the nuclear norm.

        NaN where an entry of g is not finite.
        """
        import torch

        finite = _finite(g)[..., None, None]
        u, s, vh = torch.linalg.svd(g.where(finite, 0.0), full_matrices=False)
        return ((u * self.vector.lmo(s)[..., None, :]) @ vh).where(finite, torch.nan)

    def below(self, *shape: int) -> Root:
        """As for vectors of min(m, n) entries."""
        return self.vector.below(min(shape))

    def above(self, *shape: int) -> Root:
        """As for vectors of min(m, n) entries."""
        return self.vector.above(min(shape))


def _finite(x: Tensor) -> Tensor:
    """Which matrices have finite entries only; singular value decompositions refuse all if one has not."""
    return x.isfinite().flatten(-2).all(-1)


@dataclass(frozen=True)
class Mixed(Norm):
    """The ℓp norm (`outer` = 1/p) of the columns' ℓr norms (`inner` = 1/r); of the rows' if `rows`."""

    outer: Fraction
    inner: Fraction
    rows: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "outer", Lp(self.outer).reciprocal)
        object.__setattr__(self, "inner", Lp(self.inner).reciprocal)

    @property
    def name(self) -> str:
        """``max-column``, ``sum-row``, ``max-entry``, …"""
        line = "row" if self.rows else "column"
        if self.outer == self.inner and self.outer in (0, 1):
            return "sum-entry" if self.outer else "max-entry"
        if self.inner == HALF and self.outer in (0, 1):
            return f"{'sum' if self.outer else 'max'}-{line}"
        return f"{line}:{exponent_text(self.outer)},{exponent_text(self.inner)}"

    @property
    def latex(self) -> str:
        r"""``\|\,\|x_{:j}\|_r\,\|_p``."""
        line, p, r = "x_{i:}" if self.rows else "x_{:j}", exponent_latex(self.outer), exponent_latex(self.inner)
        return rf"\bigl\|\,\|{line}\|_{{{r}}}\,\bigr\|_{{{p}}}"

    @property
    def dual(self) -> Mixed:
        """Both exponents dual."""
        return Mixed(1 - self.outer, 1 - self.inner, self.rows)

    def value(self, x: Tensor) -> Tensor:
        """Over the last two axes."""
        return Lp(self.outer).value(Lp(self.inner).value(self._lines(x)))

    def lmo(self, g: Tensor) -> Tensor:
        """The columns' own oracles, weighted by the outer one."""
        lines = self._lines(g)
        weights = -Lp(self.outer).lmo(Lp(self.inner).dual_value(lines))
        return self._lines(weights[..., None] * Lp(self.inner).lmo(lines))

    def below(self, *shape: int) -> Root:
        """The product of both constants."""
        long, many = self._sizes(shape)
        return Lp(self.outer).below(many) * Lp(self.inner).below(long)

    def above(self, *shape: int) -> Root:
        """The product of both constants."""
        long, many = self._sizes(shape)
        return Lp(self.outer).above(many) * Lp(self.inner).above(long)

    def _lines(self, x: Tensor) -> Tensor:
        return x if self.rows else x.mT

    def _sizes(self, shape: tuple[int, ...]) -> tuple[int, int]:
        m, n = shape
        return (n, m) if self.rows else (m, n)


SPECTRAL, FROBENIUS, NUCLEAR = Schatten(Fraction(0)), Schatten(HALF), Schatten(Fraction(1))
MAX_COLUMN, MAX_ROW = Mixed(Fraction(0), HALF), Mixed(Fraction(0), HALF, rows=True)
MAX_ENTRY = Mixed(Fraction(0), Fraction(0))
