"""Least squares on real data: scikit-learn's bundled diabetes set, as quadratics with its covariance."""

from __future__ import annotations

import torch

from certify.simulate.functions import _random
from certify.simulate.functions.quadratic import Quadratic

COLUMNS = 10


class LeastSquares(Quadratic):
    """f(x) = ‖Aw − b‖²/(2n) − its minimum, w = x − x* + w*: the quadratic ½(x − x*)ᵀH(x − x*) with H = AᵀA/n.

    A has the first d ≤ 10 columns, each with mean 0 and variance 1. Constants: those of `Quadratic`.
    """

    name = "least-squares"

    @classmethod
    def sample(cls, *, batch: int, dimension: int, generator: torch.Generator) -> list[LeastSquares]:
        """The one function, with minimisers anywhere; none for d > 10. **Raises:** ImportError without scikit-learn."""
        if dimension > COLUMNS:
            return []
        from sklearn.datasets import load_diabetes

        a = torch.from_numpy(load_diabetes(scaled=False).data).double()[:, :dimension]
        a = (a - a.mean(0)) / a.std(0, correction=0)
        spectrum, basis = torch.linalg.eigh(a.mT @ a / len(a))
        return [
            cls(
                basis=basis.expand(batch, -1, -1).contiguous(),
                spectrum=spectrum.expand(batch, -1).contiguous(),
                minimizer=_random.points(batch, dimension, generator=generator),
            )
        ]
