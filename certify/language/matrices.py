"""Products and inverse roots of matrices, for updates of parameters that are matrices.

Arrays (B, m, n) hold one matrix each. Everything else stands for a diagonal matrix: a number, or an abstract vector of
the entries of its diagonal. By the singular value decomposition G = U diag(s) Vᵀ, GGᵀ = U diag(s²) Uᵀ, these tell what
happens to the singular values of any matrix.
"""

from __future__ import annotations

from typing import Any

from certify.language.roundings import root


def gram(g: Any) -> Any:
    """G Gᵀ."""
    return g @ g.mT if _full(g) else g * g


def cogram(g: Any) -> Any:
    """Gᵀ G."""
    return g.mT @ g if _full(g) else g * g


def between(left: Any, g: Any, right: Any) -> Any:
    """L G R."""
    return left @ g @ right if _full(g) else left * g * right


def inverse_fourth_root(p: Any) -> Any:
    """P^(−1/4) of a positive semidefinite P, where 0 stays 0 (the pseudo-inverse); of diagonal ones that are positive.

    Eigenvalues below 1e-12 of the largest, which rounding cannot tell from 0, count as 0.
    """
    if not _full(p):
        return 1 / root(root(p))
    import torch

    values, vectors = torch.linalg.eigh(p)
    positive = values > 1e-12 * values.amax(-1, keepdim=True).clamp(min=0)
    powers = torch.where(positive, values.clamp(min=torch.finfo(values.dtype).tiny) ** -0.25, 0.0)
    return (vectors * powers.unsqueeze(-2)) @ vectors.mT


def _full(g: Any) -> bool:
    return getattr(g, "ndim", 0) >= 3
