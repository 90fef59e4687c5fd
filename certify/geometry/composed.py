"""Norms made of norms: multiples (which may depend on the shape, as RMS does) and products over layers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from certify.geometry.base import Norm
from certify.geometry.matrices import MAX_ENTRY, SPECTRAL
from certify.geometry.roots import ONE, Root
from certify.geometry.vectors import HALF, L2, Lp

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Scaled(Norm):
    """`coefficient` · ∏ size ** power · ‖x‖, one power for each of the last axes: RMS is d^(−1/2) ‖x‖₂."""

    base: Norm
    coefficient: Root = ONE
    powers: tuple[Fraction, ...] = ()
    title: str = ""

    @property
    def name(self) -> str:
        """The given title, or factor and base."""
        return self.title or f"{self._factor_text()}·{self.base.name}"

    @property
    def latex(self) -> str:
        r"""``d^{-1/2}\,\|x\|_2``."""
        sizes = ("d",) if len(self.powers) == 1 else ("m", "n")
        parts = [str(self.coefficient)] if self.coefficient != ONE else []
        parts += [f"{n}^{{{p}}}" for n, p in zip(sizes, self.powers, strict=False) if p]
        return "".join(parts) + r"\," + self.base.latex

    @property
    def dual(self) -> Scaled:
        """The dual norm divided by the factor."""
        title = self.title.removeprefix("dual-") if self.title.startswith("dual-") else f"dual-{self.title}"
        powers = tuple(-p for p in self.powers)
        return Scaled(self.base.dual, self.coefficient**-1, powers, title if self.title else "")

    def factor(self, *shape: int) -> Root:
        """The number that multiplies the base norm for this shape."""
        factor = self.coefficient
        for size, power in zip(shape, self.powers, strict=bool(self.powers)):
            factor = factor * Root.of(size) ** power
        return factor

    def value(self, x: Tensor) -> Tensor:
        """factor · ‖x‖."""
        return self._of(x) * self.base.value(x)

    def lmo(self, g: Tensor) -> Tensor:
        """The base oracle divided by the factor."""
        return self.base.lmo(g) / self._of(g)

    def below(self, *shape: int) -> Root:
        """factor · the base constant."""
        return self.factor(*shape) * self.base.below(*shape)

    def above(self, *shape: int) -> Root:
        """factor · the base constant."""
        return self.factor(*shape) * self.base.above(*shape)

    def _of(self, x: Tensor) -> float:
        return float(self.factor(*x.shape[-len(self.powers) :])) if self.powers else float(self.coefficient)

    def _factor_text(self) -> str:
        sizes = ("d",) if len(self.powers) == 1 else ("m", "n")
        powers = [f"{n}^({p})" for n, p in zip(sizes, self.powers, strict=False) if p]
        return "·".join([str(self.coefficient)] * (self.coefficient != ONE) + powers) or "1"


@dataclass(frozen=True)
class Product(Norm):
    """The ℓp norm (`reciprocal` = 1/p: max 0, sum 1) of the layers' norms, on tuples with one tensor a layer."""

    layers: tuple[Norm, ...]
    reciprocal: Fraction = Fraction(0)

    def __post_init__(self) -> None:
        object.__setattr__(self, "reciprocal", Lp(self.reciprocal).reciprocal)

    @property
    def name(self) -> str:
        """``max(spectral, linf)``."""
        return f"{self._word()}({', '.join(n.name for n in self.layers)})"

    @property
    def latex(self) -> str:
        r"""``\max_i \|x_i\|_{(i)}``."""
        words = {"max": r"\max_i", "sum": r"\sum_i"}
        layer = r"\|x_i\|_{(i)}"
        word = self._word()
        return f"{words[word]} {layer}" if word in words else rf"\bigl\|({layer})_i\bigr\|_{{{word}}}"

    @property
    def dual(self) -> Product:
        """The layers' dual norms: their sum for a maximum, their maximum for a sum."""
        return Product(tuple(n.dual for n in self.layers), 1 - self.reciprocal)

    def value(self, x: Sequence[Tensor]) -> Tensor:
        """The norm of the layers' norms."""
        return Lp(self.reciprocal).value(self._norms(self.layers, x))

    def lmo(self, g: Sequence[Tensor]) -> tuple[Tensor, ...]:
        """All layers' oracles for a maximum, that of the layer with the largest dual norm for a sum."""
        weights = -Lp(self.reciprocal).lmo(self._norms(self.dual.layers, g))
        found = []
        for i, (norm, part) in enumerate(zip(self.layers, g, strict=True)):
            step = norm.lmo(part)
            weight = weights[..., i]
            found.append(weight.reshape(weight.shape + (1,) * (step.ndim - weight.ndim)) * step)
        return tuple(found)

    def below(self, *shape: tuple[int, ...]) -> Root:
        """(Σ cᵢ^(−s))^(−1/s) with 1/s = 1/2 − 1/p if p > 2, else min cᵢ."""
        each = [n.below(*s) for n, s in zip(self.layers, shape, strict=True)]
        gap = HALF - self.reciprocal
        return min(each) if gap <= 0 else _power_sum([c**-1 for c in each], 1 / gap) ** -1

    def above(self, *shape: tuple[int, ...]) -> Root:
        """(Σ Cᵢ^s)^(1/s) with 1/s = 1/p − 1/2 if p < 2, else max Cᵢ."""
        each = [n.above(*s) for n, s in zip(self.layers, shape, strict=True)]
        gap = self.reciprocal - HALF
        return max(each) if gap <= 0 else _power_sum(each, 1 / gap)

    def _norms(self, norms: Sequence[Norm], x: Sequence[Any]) -> Tensor:
        import torch

        return torch.stack([n.value(part) for n, part in zip(norms, x, strict=True)], -1)

    def _word(self) -> str:
        return {Fraction(0): "max", Fraction(1): "sum"}.get(self.reciprocal, f"l{1 / (self.reciprocal or 1)}")


def _power_sum(numbers: Sequence[Root], power: Fraction) -> Root:
    """(Σ number ** power) ** (1/power), where the summands are rational; `ValueError` otherwise."""
    return Root.of(sum(((n**power).rational() for n in numbers), start=Fraction(0))) ** (1 / power)


RMS = Scaled(L2, powers=(-HALF,), title="rms")
SCALED_MAX_ENTRY = Scaled(MAX_ENTRY, powers=(Fraction(0), Fraction(1)), title="scaled-max-entry")
"""n · max |Xᵢⱼ| for X of shape m × n."""
RMS_TO_RMS = Scaled(SPECTRAL, powers=(-HALF, HALF), title="rms-to-rms")
"""√(n/m) ‖X‖ for X of shape m × n: the operator norm between RMS norms."""
