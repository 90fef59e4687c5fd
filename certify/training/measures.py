"""Norms of layers and their duals, fast enough to be computed at every probe.

A `Measure` is a norm of `certify.geometry` with the shape it acts on: matrices are kernels flattened to
(out, everything else). The spectral norm is taken by power iterations, the nuclear norm from the eigenvalues of the
smaller Gram matrix; tests hold both against the exact values.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from certify.geometry import L1, L2, LINF, MAX_COLUMN, MAX_ENTRY, MAX_ROW, NUCLEAR, RMS, SPECTRAL, Norm, Scaled
from certify.training.kinds import Kind
from certify.training.roles import Role

POWER_ITERATIONS = 8
VECTOR_NORMS = ((L1, 1.0), (L2, 2.0), (LINF, math.inf))


@dataclass(frozen=True)
class Measure:
    """‖·‖ of one tensor, c · norm(x flattened to a matrix or a vector), and its dual norm."""

    norm: Norm
    name: str
    factor: float = 1.0

    def size(self, x: Tensor) -> float:
        """‖x‖."""
        return self.factor * self._primal(_precise(x))

    def dual(self, g: Tensor) -> float:
        """‖g‖*."""
        return self._dual(_precise(g)) / self.factor

    @cached_property
    def orders(self) -> tuple[float | None, float | None]:
        """p of the norm and of its dual if they are p-norms of all entries."""
        return _order(self.norm), _order(self.norm.dual)

    @cached_property
    def _primal(self) -> Callable[[Tensor], float]:
        return _evaluator(self.norm)

    @cached_property
    def _dual(self) -> Callable[[Tensor], float]:
        return _evaluator(self.norm.dual)


def _precise(x: Tensor) -> Tensor:
    return x.detach().to(torch.float32) if x.dtype in (torch.float16, torch.bfloat16) else x.detach()


def sizes(measured: Sequence[tuple[Measure, Tensor]], dual: bool = False) -> list[float]:
    """‖x‖ (or ‖x‖*) of each tensor in its measure; p-norms of many tensors are read from the device at once."""
    found = [math.nan] * len(measured)
    batches: dict[tuple[float, torch.device], list[int]] = {}
    for i, (measure, x) in enumerate(measured):
        order = measure.orders[dual]
        if order is None:
            found[i] = measure.dual(x) if dual else measure.size(x)
        elif x.numel() == 0:
            found[i] = 0.0
        else:
            batches.setdefault((order, x.device), []).append(i)
    for (order, _), places in batches.items():
        norms = torch._foreach_norm([_precise(measured[i][1]) for i in places], order)
        for i, value in zip(places, torch.stack([n.double() for n in norms]).tolist(), strict=True):
            factor = measured[i][0].factor
            found[i] = value / factor if dual else value * factor
    return found


def _order(norm: Norm) -> float | None:
    """p, if the norm is the p-norm of all entries."""
    return next((p for vector_norm, p in VECTOR_NORMS if norm == vector_norm), None)


def _evaluator(norm: Norm) -> Callable[[Tensor], float]:
    """‖x‖ as a function of the tensor: what is asked of the norm itself is asked once."""
    order = _order(norm)
    if order is not None:
        return lambda x: float(torch.linalg.vector_norm(x, ord=order)) if x.numel() else 0.0
    if norm == SPECTRAL:
        return lambda x: spectral(matrix(x))
    if norm == NUCLEAR:
        return lambda x: nuclear(matrix(x))
    if isinstance(norm, Scaled) and norm.base == SPECTRAL:
        return lambda x: float(norm.factor(*matrix(x).shape)) * spectral(matrix(x))
    if isinstance(norm, Scaled) and norm.base == NUCLEAR:
        return lambda x: float(norm.factor(*matrix(x).shape)) * nuclear(matrix(x))
    vector = isinstance(norm, Scaled) and len(norm.powers) == 1
    return lambda x: float(norm.value(x.reshape(-1) if vector else matrix(x)))


def matrix(x: Tensor) -> Tensor:
    """x as (out, everything else); a vector is one column."""
    return x.reshape(x.shape[0], -1) if x.ndim > 1 else x.reshape(-1, 1)


def spectral(x: Tensor, iterations: int = POWER_ITERATIONS) -> float:
    """The largest singular value, from below, by power iterations from the longest row (exact if small)."""
    if x.numel() == 0 or not bool(x.isfinite().all()):
        return math.nan if x.numel() else 0.0
    rows = x if x.shape[0] <= x.shape[1] else x.mT
    gram = rows @ rows.mT if rows.shape[0] <= 64 else None
    if gram is not None:
        return math.sqrt(max(float(eigenvalues(gram)[-1]), 0.0))
    v = rows[rows.square().sum(1).argmax()]
    size = 0.0
    for _ in range(iterations):
        norm = float(torch.linalg.vector_norm(v))
        if norm == 0:
            return 0.0
        u = rows @ (v / norm)
        size = float(torch.linalg.vector_norm(u))
        v = rows.mT @ u
    return size


def eigenvalues(gram: Tensor) -> Tensor:
    """Those of a Gram matrix, in ascending order; not numbers if they cannot be found.

    In single precision LAPACK gives up on some matrices of very different scales, of which a step that explodes makes
    many; double precision does not.
    """
    for precise in (gram, gram.double()):
        try:
            return torch.linalg.eigvalsh(precise)
        except torch.linalg.LinAlgError:
            continue
    return torch.full((gram.shape[0],), math.nan)


def nuclear(x: Tensor) -> float:
    """The sum of the singular values: roots of the eigenvalues of the smaller Gram matrix."""
    if not bool(x.isfinite().all()):
        return math.nan
    rows = x if x.shape[0] <= x.shape[1] else x.mT
    scale = float(rows.abs().amax()) if rows.numel() else 0.0
    if scale == 0:
        return 0.0
    rows = rows / scale
    return scale * float(eigenvalues(rows @ rows.mT).clamp_min(0).sqrt().sum())


JOINT_L2 = Measure(L2, "ℓ2, all tensors together")
SPECTRAL_NORM = Measure(SPECTRAL, "spectral")
LARGEST_ENTRY = Measure(LINF, "largest entry (ℓ∞)")
SCION_NORMS: dict[str, tuple[Norm, str]] = {
    "spectral": (SPECTRAL, "spectral"),
    "spectralconv": (SPECTRAL, "spectral"),
    "sign": (MAX_ENTRY, "largest entry (sign)"),
    "colnorm": (MAX_COLUMN, "largest column"),
    "rownorm": (MAX_ROW, "largest row"),
    "biasrms": (RMS, "RMS"),
    "rms": (RMS, "RMS"),
}


def measure_of(kind: Kind, role: Role, shape: tuple[int, ...], norm: str | None = None) -> Measure:
    """The norm that an update of this kind is a unit ball of: the geometry ``auto``."""
    if kind is Kind.MUON:
        return SPECTRAL_NORM if len(shape) >= 2 else Measure(RMS, "RMS")
    if kind is Kind.SCION:
        key = (norm or "auto").lower()
        if key in SCION_NORMS:
            return Measure(*SCION_NORMS[key])
        return _layer_norm(role, shape)
    if kind is Kind.SGD:
        return Measure(L2, "ℓ2")
    return LARGEST_ENTRY


def _layer_norm(role: Role, shape: tuple[int, ...]) -> Measure:
    if len(shape) <= 1:
        return Measure(RMS, "RMS")
    if role is Role.EMBEDDING:
        return Measure(MAX_ROW, "largest row")
    if role in (Role.HEAD, Role.TIED):
        return Measure(MAX_ENTRY, "largest entry (sign)")
    return SPECTRAL_NORM


def stretch(x: Tensor) -> float:
    """The largest singular value over the median of those that are not small; about 1 after orthogonalisation."""
    m = matrix(x).to(torch.float32)
    scale = float(m.abs().amax()) if m.numel() else 0.0
    if scale == 0 or not math.isfinite(scale):
        return 1.0
    m = m / scale
    values = eigenvalues(m.mT @ m if m.shape[0] > m.shape[1] else m @ m.mT).clamp_min(0).sqrt()
    return float(values[-1] / values[values >= 0.05 * values[-1]].median())
