"""Stochastic gradients whose variance is bounded in every layer, in Euclidean length."""

from __future__ import annotations

from certify.language import Assumption, Draw, Inequality, Positive, SymbolicFunction, norm


class LayerwiseVariance(Assumption):
    """E‖gᵢ − ∇ᵢf(X)‖₂² ≤ σᵢ² with E g = ∇f(X), and ‖G‖* ≤ ρᵢ‖G‖₂ in every layer.

    The variance is Euclidean, since errors of independent samples add up in squares there. For the nuclear norm ρ is
    the root of the largest rank, for ℓ1 that of the dimension.

    Source: Riabinin, Shulgin, Gruntkowska, Richtárik, Gluon (2025), Assumption 2, in the Euclidean norm.
    """

    name = "layerwise-variance"
    formula = (
        r"\mathbb{E}\|g_i - \nabla_i f(X)\|_2^2 \le \sigma_i^2, \quad \mathbb{E}\,g = \nabla f(X),"
        r" \quad \|G\|_* \le \rho_i\|G\|_2"
    )
    subject = "noise"
    sigma = Positive("sigma", "standard deviation in a layer", each=True)
    rho = Positive("rho", "largest ratio of the dual norm to the Euclidean one", each=True)

    def drawn(self, draw: Draw, f: SymbolicFunction) -> tuple[Inequality, ...]:
        """The variance, in the sums that occur, and the two norms of the gradients whose lengths were taken."""
        noise = draw.output - f.gradient(draw.point.point)
        sums = [
            f.mean(f.total(weight * f.energy(noise))) <= f.total(weight * self.sigma**2)
            for weight in f.energy_weights(draw.output)
        ]
        lengths = {v: e for v, e in f.trace.energies.items() if not f.trace.draws_of(v)}
        return (*sums, *(norm(v) ** 2 <= self.rho**2 * e for v, e in lengths.items()))
