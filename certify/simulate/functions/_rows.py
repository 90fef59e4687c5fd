"""Row-wise helpers shared by the families: columns, norms, rotations and argument checks.

Everything is float64 with the batch first, so that one row is one function.
"""

from __future__ import annotations

import torch
from torch import Tensor


def as_column(value: Tensor | float, *, like: Tensor, name: str) -> Tensor:
    """A positive float or a (B, 1) tensor as a (B, 1) column on the device of `like` (B, d)."""
    column = torch.as_tensor(value, dtype=like.dtype, device=like.device)
    rows = like.shape[0]
    if column.ndim == 0:
        column = column.expand(rows, 1)
    if column.shape != (rows, 1):
        raise ValueError(f"{name} has shape {tuple(column.shape)}; use a float or shape ({rows}, 1)")
    if not bool((column > 0).all()):
        raise ValueError(f"{name} must be positive in every row")
    return column


def norm(x: Tensor) -> Tensor:
    """Euclidean norms of the rows of x (B, d), shape (B, 1)."""
    return torch.linalg.vector_norm(x, dim=1, keepdim=True)


def apply(basis: Tensor, x: Tensor) -> Tensor:
    """Q x in every row, for Q of shape (B, d, d) and x of shape (B, d)."""
    return torch.bmm(basis, x.unsqueeze(2)).squeeze(2)


def apply_transposed(basis: Tensor, x: Tensor) -> Tensor:
    """Qᵀ x in every row, for Q of shape (B, d, d) and x of shape (B, d)."""
    return torch.bmm(basis.mT, x.unsqueeze(2)).squeeze(2)


def check_matrix(name: str, value: Tensor) -> Tensor:
    """`value` if it is a float64 tensor of shape (B, d) with B, d ≥ 1; otherwise a `ValueError`."""
    if value.dtype != torch.float64 or value.ndim != 2 or 0 in value.shape:
        raise ValueError(f"{name} is {value.dtype} {tuple(value.shape)}; use float64 (B, d)")
    return value


def check_like(name: str, value: Tensor, shape: tuple[int, ...]) -> Tensor:
    """`value` if it is a float64 tensor of this shape; otherwise a `ValueError`."""
    if value.dtype != torch.float64 or tuple(value.shape) != shape:
        raise ValueError(f"{name} is {value.dtype} {tuple(value.shape)}; use float64 {shape}")
    return value


def check_positive(name: str, value: Tensor, shape: tuple[int, ...]) -> Tensor:
    """`value` if it is float64, of this shape, finite and positive; otherwise a `ValueError`."""
    check_like(name, value, shape)
    if not bool(((value > 0) & value.isfinite()).all()):
        raise ValueError(f"{name} must be finite and positive in every entry")
    return value


def is_identity(basis: Tensor) -> bool:
    """Whether every row's matrix is the identity."""
    return torch.equal(basis, torch.eye(basis.shape[-1], dtype=basis.dtype, device=basis.device).expand_as(basis))


def check_orthogonal(name: str, value: Tensor, rows: int, dimension: int) -> Tensor:
    """`value` if it holds orthogonal float64 matrices (B, d, d); otherwise a `ValueError`."""
    check_like(name, value, (rows, dimension, dimension))
    identity = torch.eye(dimension, dtype=value.dtype, device=value.device)
    if not bool(((value.mT @ value - identity).abs() < 1e-12 * (1 + dimension)).all()):
        raise ValueError(f"{name} must hold orthogonal matrices; orthonormalise its columns")
    return value
