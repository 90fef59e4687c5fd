"""The polar factor UVᵀ of G = U diag(σ) Vᵀ: exactly by SVD, approximately by odd polynomials of G.

An `Iteration` maps G/s, with s ≥ its largest singular value, through odd polynomials; it acts on each singular value
by itself. `quality` states, with exact rational bounds, how good an oracle of the spectral norm it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING

from certify.geometry.matrices import SPECTRAL
from certify.geometry.polynomials import Coefficients, Interval, image, odd

if TYPE_CHECKING:
    from torch import Tensor

HALVINGS = 40


@dataclass(frozen=True)
class Iteration:
    """X ← p(X) for each of the `polynomials` in turn, from X = G/(margin · ‖G‖_F)."""

    name: str
    polynomials: tuple[Coefficients, ...]
    margin: Fraction = Fraction(1)
    source: str = ""

    def apply(self, g: Tensor) -> Tensor:
        """The approximate polar factor of g (…, m, n); 0 where g = 0."""
        x = g.mT if g.shape[-2] > g.shape[-1] else g
        size = x.norm(dim=(-2, -1), keepdim=True)
        x = x / (float(self.margin) * size.where(size > 0, 1.0))
        for p in self.polynomials:
            gram, total, power = x @ x.mT, float(p[1]) * x, x
            for coefficient in p[3::2]:
                power = gram @ power
                total = total + float(coefficient) * power
            x = total
        return x.mT if g.shape[-2] > g.shape[-1] else x

    def image(self, domain: Interval) -> Interval:
        """An interval that contains the images of all numbers in the domain under all polynomials."""
        for p in self.polynomials:
            domain = image(p, domain)
        return domain


@dataclass(frozen=True)
class Quality:
    """What is proved of an approximate polar factor O of a matrix G ≠ 0 with singular values σᵢ, F = ‖G‖_F.

    - ‖O‖ ≤ `bound` in the spectral norm, always;
    - ⟨G, O⟩ ≥ `alpha` Σ {σᵢ : σᵢ ≥ `threshold` F}: smaller singular values only add to ⟨G, O⟩;
    - so ⟨G, O⟩ ≥ `alpha` ‖G‖_nuc where every positive singular value is at least `threshold` F.
    """

    alpha: Fraction
    bound: Fraction
    threshold: Fraction

    def of_rank(self, rank: int) -> Fraction:
        """An α with ⟨G, O⟩ ≥ α ‖G‖_nuc for every matrix of at most this rank.

        At most rank − 1 singular values are below threshold · F ≤ threshold · ‖G‖_nuc, the largest one is not if
        threshold² · rank ≤ 1.
        """
        if rank < 1:
            raise ValueError(f"the rank is {rank}; it must be at least 1")
        if self.threshold**2 * rank > 1:
            return Fraction(0)
        return max(self.alpha * (1 - (rank - 1) * self.threshold), Fraction(0))


class NotAnOracle(ArithmeticError):
    """A bound that an approximate polar factor needs could not be verified."""


def quality(iteration: Iteration, threshold: Fraction) -> Quality:
    """The proved quality for singular values from threshold · F to F.

    Raises `NotAnOracle` unless every polynomial is positive on the numbers that reach it.
    """
    if not 0 < threshold <= 1:
        raise ValueError(f"threshold is {threshold}; it must lie in (0, 1]")
    inside = iteration.image(Interval(threshold / iteration.margin, 1 / iteration.margin))
    reach = Interval(Fraction(0), 1 / iteration.margin)
    for p in iteration.polynomials:
        if image(p[1:], reach).low <= 0:  # p(x)/x
            raise NotAnOracle(f"{iteration.name}: a polynomial is not positive on all of (0, {float(reach.high):.4g}]")
        reach = Interval(Fraction(0), image(p, reach).high)
    return Quality(inside.low, reach.high, threshold)


@cache
def least_threshold(iteration: Iteration, alpha: Fraction) -> Fraction:
    """A threshold, within a factor 1.001 of the least, for which `quality` proves this α; `NotAnOracle` if none."""
    low, high = Fraction(0), Fraction(1)
    if quality(iteration, high).alpha < alpha:  # a smaller threshold only asks for more
        raise NotAnOracle(f"{iteration.name}: α = {float(alpha):.4g} holds on no range of singular values")
    for _ in range(HALVINGS):
        if high <= low * Fraction(1001, 1000):
            break
        middle = ((low + high) / 2).limit_denominator(10**9)
        low, high = (low, middle) if quality(iteration, middle).alpha >= alpha else (middle, high)
    return high


def by_svd(g: Tensor) -> Tensor:
    """UVᵀ by a singular value decomposition; 0 where g = 0."""
    return -SPECTRAL.lmo(g)


def newton_schulz(steps: int = 5) -> Iteration:
    """Muon's quintic, which is quick to raise small singular values and never settles at 1."""
    return Iteration(
        f"newton-schulz-{steps}", (odd("3.4445", "-4.7750", "2.0315"),) * steps, source="Jordan et al. (2024)"
    )


def classical(steps: int = 5) -> Iteration:
    """The classical quintic (15x − 10x³ + 3x⁵)/8: cubic convergence to 1, slow from far away."""
    p = odd(Fraction(15, 8), Fraction(-10, 8), Fraction(3, 8))
    return Iteration(f"classical-{steps}", (p,) * steps, source="Higham, Functions of Matrices (2008)")


POLAR_EXPRESS = Iteration(
    "polar-express",
    (
        odd("8.156554524902461", "-22.48329292557795", "15.878769915207462"),
        odd("4.042929935166739", "-2.808917465908714", "0.5000178451051316"),
        odd("3.8916678022926607", "-2.772484153217685", "0.5060648178503393"),
        odd("3.285753657755655", "-2.3681294933425376", "0.46449024233003106"),
        odd("2.3465413258596377", "-1.7097828382687081", "0.42323551169305323"),
    ),
    Fraction(102, 100),
    "Amsel, Persson, Musco, Gower (2025)",
)
