"""Test functions whose ball-prox in ℓ∞, ℓ1, spectral and other norms is known, and tensors that carry their norm."""

from __future__ import annotations

from certify.simulate.normed.families import sample_in_norm
from certify.simulate.normed.space import Located, TensorSpace, Translated

__all__ = ["Located", "TensorSpace", "Translated", "sample_in_norm"]
