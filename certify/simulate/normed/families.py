"""Functions with an explicit ball-prox in a norm without inner product.

Every `brox` returns a minimiser u over the ball and g ∈ ∂f(u) with ⟨g, x − u⟩ = t ‖g‖*, which proves it optimal. All
classes (strongly convex, Lipschitz, …) are meant with respect to the norm, which is a class attribute: `of` makes the
family of one norm.
"""

from __future__ import annotations

from typing import Self

import torch
from torch import Tensor

from certify.geometry import L1, LINF, MAX_ENTRY, NUCLEAR, SPECTRAL, Norm, named
from certify.simulate.functions import TestFunction, _random
from certify.simulate.functions._rows import as_column, check_like, check_matrix
from certify.simulate.functions.base import CONVEX, SHARP_LIPSCHITZ_CONVEX, STRONGLY_CONVEX
from certify.simulate.normed.base import InNorm
from certify.simulate.normed.box_quadratic import BoxQuadratic


class Radial(InNorm):
    """f(x) = M r + ½h r² with r = ‖x − x*‖: in any norm the ball-prox shortens x − x* by t.

    Constants: s = M where M > 0, and M where h = 0.
    """

    name = "radial"
    may_satisfy = SHARP_LIPSCHITZ_CONVEX

    def __init__(self, *, slope: Tensor, curvature: Tensor, minimizer: Tensor) -> None:
        self.minimizer = check_matrix("minimizer", minimizer)
        self._slope = check_like("slope", slope, (minimizer.shape[0], 1))
        self._curvature = check_like("curvature", curvature, (minimizer.shape[0], 1))
        flat, sharp = not bool(curvature.any()), bool((slope > 0).all())
        self.constants = ({"M": slope} if flat else {}) | ({"s": slope} if sharp else {})
        self.satisfies = SHARP_LIPSCHITZ_CONVEX if flat else CONVEX | ({"sharp-growth"} if sharp else set())
        self.minimum = torch.zeros_like(slope)
        self.parameters = {"slope": slope, "curvature": curvature, "minimizer": minimizer}

    @classmethod
    def sample(cls, *, batch: int, dimension: int, generator: torch.Generator) -> list[Self]:
        """The norm itself, its square and a sum of both."""
        x = _random.points(batch, dimension, generator=generator)
        m, h = (_random.log_uniform(1e-2, 1e2, batch, 1, generator=generator) for _ in range(2))
        kinds = ((m, 0 * h), (0 * m, h), (m, h))
        return [cls(slope=slope, curvature=curvature, minimizer=x) for slope, curvature in kinds]

    def value(self, x: Tensor) -> Tensor:
        r = self.space.size(x - self.minimizer)
        return self._slope * r + 0.5 * self._curvature * r**2

    def subgradient(self, x: Tensor) -> Tensor:
        """(M + h r) times a subgradient of the norm, and 0 at x*."""
        offset = x - self.minimizer
        r = self.space.size(offset)
        return torch.where(r > 0, (self._slope + self._curvature * r) * self.space.norming(offset), 0.0)

    def brox(self, x: Tensor, t: Tensor | float) -> tuple[Tensor, Tensor]:
        """x* + (1 − t/r)(x − x*)."""
        t = as_column(t, like=x, name="t")
        offset = x - self.minimizer
        r = self.space.size(offset)
        reached = r <= t
        safe = torch.where(reached, 1.0, r)
        u = self.minimizer + torch.where(reached, 0.0, (r - t) / safe) * offset
        g = (self._slope + self._curvature * (r - t)) * self.space.norming(offset)
        return u, torch.where(reached, 0.0, g)


class Separable(InNorm):
    """f(x) = Σ ½hᵢ zᵢ² + wᵢ |zᵢ| with z = x − x*, in ℓ∞ (or max entry): each coordinate moves by t or to its end.

    Constants: μ = min h, as ‖z‖∞² ≤ Σ zᵢ².
    """

    name = "separable"
    may_satisfy = STRONGLY_CONVEX

    def __init__(self, *, curvature: Tensor, weight: Tensor, minimizer: Tensor) -> None:
        self.minimizer = check_matrix("minimizer", minimizer)
        self._curvature = check_like("curvature", curvature, tuple(minimizer.shape))
        self._weight = check_like("weight", weight, tuple(minimizer.shape))
        self.constants = {"mu": self._modulus()}
        self.satisfies = STRONGLY_CONVEX
        self.minimum = torch.zeros_like(self.constants["mu"])
        self.parameters = {"curvature": curvature, "weight": weight, "minimizer": minimizer}

    @classmethod
    def sample(cls, *, batch: int, dimension: int, generator: torch.Generator) -> list[Self]:
        """Curvatures over many decades, with and without kinks."""
        x = _random.points(batch, dimension, generator=generator)
        h = _random.spectrum(batch, dimension, generator=generator)
        w = _random.spectrum(batch, dimension, generator=generator)
        return [cls(curvature=h, weight=weight, minimizer=x) for weight in (w, 0 * w)]

    def value(self, x: Tensor) -> Tensor:
        z = x - self.minimizer
        return (0.5 * self._curvature * z**2 + self._weight * z.abs()).sum(1, keepdim=True)

    def subgradient(self, x: Tensor) -> Tensor:
        """hᵢ zᵢ + wᵢ sign(zᵢ)."""
        z = x - self.minimizer
        return self._curvature * z + self._weight * z.sign()

    def brox(self, x: Tensor, t: Tensor | float) -> tuple[Tensor, Tensor]:
        """Every |zᵢ| shrinks by t, down to 0."""
        t = as_column(t, like=x, name="t")
        z = x - self.minimizer
        z = z.sign() * (z.abs() - t).clamp_min(0.0)
        return self.minimizer + z, self._curvature * z + self._weight * z.sign()

    def _modulus(self) -> Tensor:
        return self._curvature.amin(1, keepdim=True)


class Waterfall(Separable):
    """f(x) = Σ ½hᵢ zᵢ² in ℓ1: the steepest coordinates move, down to a common slope λ.

    Constants: μ = 1/Σ hᵢ⁻¹, as ‖z‖₁² ≤ Σ hᵢ⁻¹ · Σ hᵢ zᵢ².
    """

    name = "waterfall"

    @classmethod
    def sample(cls, *, batch: int, dimension: int, generator: torch.Generator) -> list[Self]:
        """Curvatures over many decades."""
        x = _random.points(batch, dimension, generator=generator)
        h = _random.spectrum(batch, dimension, generator=generator)
        return [cls(curvature=h, weight=0 * h, minimizer=x)]

    def brox(self, x: Tensor, t: Tensor | float) -> tuple[Tensor, Tensor]:
        """|zᵢ| = min(|zᵢ|, λ/hᵢ) with Σ (|zᵢ| − λ/hᵢ)₊ = t."""
        t = as_column(t, like=x, name="t")
        z = x - self.minimizer
        shrunk = fall(z.abs(), self._curvature, t)
        u = z.sign() * shrunk
        return self.minimizer + u, self._curvature * u

    def _modulus(self) -> Tensor:
        return 1 / (1 / self._curvature).sum(1, keepdim=True)


class SingularValues(InNorm):
    """f(X) = ½h ‖X − X*‖_F² + w ‖X − X*‖_nuc in the spectral norm; w = 0 in the nuclear norm.

    The ball-prox acts on the singular values as `Separable` or `Waterfall`. Constants: μ = h in the spectral norm and
    h/rank in the nuclear norm.
    """

    name = "singular-values"
    may_satisfy = STRONGLY_CONVEX

    def __init__(self, *, curvature: Tensor, weight: Tensor, minimizer: Tensor) -> None:
        self.minimizer = check_matrix("minimizer", minimizer)
        self._curvature = check_like("curvature", curvature, (minimizer.shape[0], 1))
        self._weight = check_like("weight", weight, (minimizer.shape[0], 1))
        rank = min(self.space.shaped(minimizer).shape[-2:]) if self.norm == NUCLEAR else 1
        self.constants = {"mu": curvature / rank}
        self.satisfies = STRONGLY_CONVEX
        self.minimum = torch.zeros_like(curvature)
        self.parameters = {"curvature": curvature, "weight": weight, "minimizer": minimizer}

    @classmethod
    def sample(cls, *, batch: int, dimension: int, generator: torch.Generator) -> list[Self]:
        """With and, in the spectral norm, without the nuclear norm added."""
        x = _random.points(batch, dimension, generator=generator)
        h, w = (_random.log_uniform(1e-2, 1e2, batch, 1, generator=generator) for _ in range(2))
        weights = (0 * w,) if cls.norm == NUCLEAR else (0 * w, w)
        return [cls(curvature=h, weight=weight, minimizer=x) for weight in weights]

    def value(self, x: Tensor) -> Tensor:
        z = x - self.minimizer
        nuclear = NUCLEAR.value(self.space.shaped(z))[:, None]
        return 0.5 * self._curvature * z.square().sum(1, keepdim=True) + self._weight * nuclear

    def subgradient(self, x: Tensor) -> Tensor:
        """h Z + w UVᵀ."""
        return self._slope(x, None)[1]

    def brox(self, x: Tensor, t: Tensor | float) -> tuple[Tensor, Tensor]:
        """All singular values shrink by t in the spectral norm, the largest down to one level in the nuclear norm."""
        u, g = self._slope(x, as_column(t, like=x, name="t"))
        return self.minimizer + u, g

    def _slope(self, x: Tensor, t: Tensor | None) -> tuple[Tensor, Tensor]:
        u, s, vh = torch.linalg.svd(self.space.shaped(x - self.minimizer), full_matrices=False)
        if t is not None:
            h = self._curvature.expand_as(s)
            s = fall(s, h, t) if self.norm == NUCLEAR else (s - t).clamp_min(0.0)
        slopes = self._curvature * s + self._weight * (s > 0)
        point, slope = ((u * v[:, None, :]) @ vh for v in (s, slopes))
        return self.space.flat(point), self.space.flat(slope)


def fall(size: Tensor, curvature: Tensor, t: Tensor) -> Tensor:
    """min(size, λ/curvature) with Σ (size − λ/curvature)₊ = t, or 0 where t is at least Σ size."""
    order = (curvature * size).argsort(1, descending=True)
    total = size.gather(1, order).cumsum(1) - t
    level = (total / (1 / curvature).gather(1, order).cumsum(1)).amax(1, keepdim=True).clamp_min(0.0)
    return torch.minimum(size, level / curvature)


def sample_in_norm(
    norm: Norm, assumption: str, *, batch: int, dimension: int, generator: torch.Generator
) -> list[TestFunction]:
    """Random batches of `batch` functions on rows of this length that satisfy the assumption in the norm."""
    families: list[type[InNorm]] = [Radial]
    if norm in (LINF, MAX_ENTRY):
        families += [Separable, BoxQuadratic]
    elif norm in (L1, named("max-entry").dual):
        families += [Waterfall, BoxQuadratic]
    elif norm in (SPECTRAL, NUCLEAR):
        families.append(SingularValues)
    found = [f for c in families for f in c.of(norm).sample(batch=batch, dimension=dimension, generator=generator)]
    return [f for f in found if assumption in f.satisfies]
