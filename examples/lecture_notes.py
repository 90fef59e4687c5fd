"""Lecture notes on stochastic gradients, claim by claim: what holds, what is loose and by how much, what is false.

Run it: ``python examples/lecture_notes.py``. Every verdict is computed: *holds* and *loose* rest on certificates that
the kernel checks, *false* on an exact counterexample.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from math import log
from typing import Any

from certify.assumptions.convex import Convex
from certify.assumptions.lipschitz_convex import LipschitzConvex
from certify.assumptions.pl import PolyakLojasiewicz
from certify.assumptions.sampled_smooth_convex import SampledSmoothConvex
from certify.assumptions.second_moment import SecondMoment
from certify.assumptions.variance import Variance
from certify.language import GAP, Averaging, Goal, Method, Scalar, Theorem, log2, norm2, pose, root, theorem
from certify.methods.sgd import StochasticGradient
from certify.methods.sgd_batch import BatchGradient
from certify.methods.sgd_decreasing import DecreasingStochasticGradient
from certify.methods.sgd_root import RootStochasticGradient
from certify.pep import Model
from certify.pep import norm2 as squared
from certify.prove.prover import prove, prove_side
from certify.simulate.counterexample import Counterexample
from certify.simulate.refute import refute

HOLDS, LOOSE, FALSE = "holds", "loose", "false"
L, MU = Scalar.variable("L"), Scalar.variable("mu")


@dataclass(frozen=True)
class Finding:
    """What was found about one claim."""

    claim: str
    verdict: str
    found: str


class Printed(RootStochasticGradient):
    """Steps α/√(k + 1) with the constants as they are printed: 5/4 and 5, for α ≤ 1/(4L)."""

    name = "printed"

    @theorem(Convex, SecondMoment, measure=GAP, indexed=True)
    def second_moment(self, f: Any, x: Any, y: Any, *, k: Any, m: Any) -> Goal:
        """The average gap is at most 5R²/(4α√N) + 5ασ² ln(N + 1)/√N, σ² the second moment."""
        return self._printed(f, x, y, k, 2, 1, ())

    @theorem(SampledSmoothConvex, measure=GAP, indexed=True)
    def at_the_solution(self, f: Any, x: Any, y: Any, *, k: Any, m: Any) -> Goal:
        """The same with σ² the noise at x⋆."""
        return self._printed(f, x, y, k, 2, 2, (4 * self.scale * f.L <= 1,))

    def _printed(self, f: Any, x: Any, y: Any, k: Any, weight: int, noise: int, given: tuple[Any, ...]) -> Goal:
        α, σ = self.scale, f.sigma
        return Averaging(
            quantity=f.value(x) - f.minimum,
            weight=weight * α / root(k + 1),
            before=norm2(x - f.minimizer),
            after=norm2(y - f.minimizer),
            error=noise * α**2 * σ**2 / root(k + 1) ** 2,
            clock=k,
            total=lambda k: Fraction(4, 5) * α * root(k),
            spent=lambda k: 4 * Fraction(69, 100) * α**2 * σ**2 * log2(k + 1),  # 0.69 log₂ ≤ ln
            given=given,
        )


def proved(method: type[Method], name: str, values: dict[str, Scalar] | None = None) -> Theorem:
    """The theorem, after the kernel has checked its proof. **Raises:** ValueError if none is found."""
    statement = method.theorems()[name]
    if not prove(pose(method, statement.assumptions, statement, values)).proved:
        raise ValueError(f"{method.name}/{name} was not proved")
    return statement


def second_moment() -> Finding:
    """SGD under PL with σ² a bound on the second moment."""
    claim = "PL, constant step: E f(x_k) − f⋆ ≤ (1 − 2αμ)^k (f(x₀) − f⋆) + Lσ²α/(4μ), σ² = E‖g‖²"
    proved(StochasticGradient, "gap-pl")
    proved(StochasticGradient, "gap-pl", {"gamma": 1 / (2 * MU)})
    return Finding(claim, HOLDS, "for α ≤ 1/(2μ); α = 1/(2μ), which the notes exclude, is allowed")


def called_variance() -> Finding:
    """The same with σ² called a variance."""
    claim = "the same with σ² called the variance E‖g − ∇f‖²"
    statement = StochasticGradient.theorems()["gap-pl"]
    found = refute(StochasticGradient, (PolyakLojasiewicz, Variance), statement, values={"gamma": 4 / L}, seconds=60)
    if not isinstance(found, Counterexample) or not found.replay():
        raise ValueError("no counterexample was found")
    proved(StochasticGradient, "gap-pl-variance")
    constants = ", ".join(f"{n} = {v}" for n, v in found.parameters.items())
    before, after = found.start, ", ".join(found.iterates)
    return Finding(
        claim,
        FALSE,
        f"at α = 4/L, where runs diverge: f of pieces {found.pieces}, {constants},"
        f" x = {before} → {after}, E[gap] = {found.lhs} > {found.rhs}."
        " A variance says nothing of ‖∇f(x)‖; true is the rate 1 − αμ(2 − αL) for α < 2/L",
    )


def off_by_one() -> Finding:
    """The strongly convex slide has f(x_{k+1}) on the left and the power k on the right."""
    proved(StochasticGradient, "gap-pl")
    return Finding(
        "strongly convex: f(x_{k+1}) with (1 − 2αμ)^k", LOOSE, "by one factor 1 − 2αμ: the power k + 1 is proved"
    )


def impossible() -> Finding:
    """A second moment and PL on all of a space."""
    problem = pose(StochasticGradient, (PolyakLojasiewicz, SecondMoment), StochasticGradient.theorems()["gap-pl"])
    f, x = problem.function, problem.points[0]
    part = prove_side(problem, (f.value(x) - f.minimum, f.sigma**2 / (2 * f.mu)), "end[0]")
    if not part.proved:
        raise ValueError("f(x) − f⋆ ≤ σ²/(2μ) was not proved")
    return Finding(
        "E‖g(x)‖² ≤ σ² for all x, together with PL",
        FALSE,
        "it would force f(x) − f⋆ ≤ σ²/(2μ) everywhere (proved), but up the gradient flow the gap grows like exp(2μt)"
        " unless f is constant; it can be asked along the iterates only",
    )


def nonsmooth() -> Finding:
    """The convex constant-step slide is titled smooth."""
    proved(StochasticGradient, "gap")
    return Finding(
        "smooth convex, constant step: R²/(2αk) + ασ²/2", HOLDS, "without smoothness: g may be a subgradient"
    )


def root_steps() -> Finding:
    """Constants 5/4 and 5 under a second moment."""
    proved(Printed, "second-moment")
    proved(RootStochasticGradient, "gap")
    model = Model()  # after no step but the start, f = σ|x| with R = ασ attains ½ + ½
    f, x = model.function(LipschitzConvex(M=1)), model.point("x0")
    model.suppose(squared(x - f.minimizer) <= 1)
    model.maximise(f(x) - f.minimum)
    lower = model.solve().lower
    if lower is None or lower < 1 - Fraction(1, 10**6):
        raise ValueError("the constants ½ and 1/(2 ln 2) were not attained")
    return Finding(
        "convex, α_t = α/√(t + 1), α ≤ 1/(4L): 5R²/(4α√k) + 5ασ² ln(k + 1)/√k, σ² = E‖g‖²",
        LOOSE,
        f"by {Fraction(5, 4) / Fraction(1, 2)} and {10 * log(2):.2f}: R²/(2α√k) + ασ² log₂(k + 1)/(2√k) is proved for"
        " every α, and at k = 1 it is attained; α ≤ 1/(4L) is not needed, and no L occurs",
    )


def root_steps_at_solution() -> Finding:
    """Constants 5/4 and 5 under smoothness of all samples, where they come from."""
    proved(Printed, "at-the-solution")
    proved(RootStochasticGradient, "gap-sampled")
    return Finding(
        "the same with σ² = E‖∇f_i(x⋆)‖², every f_i convex and L-smooth",
        LOOSE,
        f"by {Fraction(5, 2)} and {5 * log(2):.2f}: R²/(2α√k) + ασ² log₂(k + 1)/√k is proved for α ≤ 1/(2L)",
    )


def decreasing() -> Finding:
    """Steps (2k + 1)/(2μ(k + 1)²)."""
    proved(DecreasingStochasticGradient, "gap")
    return Finding("PL, α_k = (2k + 1)/(2μ(k + 1)²): Lσ²/(2μ²(k + 1))", HOLDS, "from k = 0 on, σ² a second moment")


def mini_batches() -> Finding:
    """Mini-batches as errors e_k."""
    proved(BatchGradient, "gap-pl")
    return Finding("mini-batches, α = 1/L: (1 − μ/L)(f − f⋆) + ‖e‖²/(2L)", HOLDS, "whether or not e has mean 0")


def weight_decay() -> Finding:
    """The gradient of λ‖x‖²."""
    decay, x = Fraction(3), Fraction(5)
    slope = (decay * (x + 1) ** 2 - decay * (x - 1) ** 2) / 2  # exact for quadratics
    verdict = HOLDS if slope == decay * x else FALSE
    return Finding(
        "AdamW: λ‖x‖² has the gradient λx", verdict, f"at λ = 3, x = 5 it is {slope}: the penalty is (λ/2)‖x‖²"
    )


def polar_factor() -> Finding:
    """(GGᵀ)^{−1/4} of a matrix without full rank, and which matrices minimise ⟨G, X⟩ over the spectral ball."""
    G = (1, 0)  # a diagonal matrix; GGᵀ is diagonal with the squares
    minimisers = [X for X in ((-1, -1), (-1, 0), (-1, 1)) if G[0] * X[0] + G[1] * X[1] == -1]
    singular = G[0] ** 2 * G[1] ** 2 == 0
    return Finding(
        "Shampoo and Muon: (GGᵀ)^{−1/4}G(GᵀG)^{−1/4} is the one minimiser −UVᵀ of ⟨G, X⟩, ‖X‖ ≤ 1, up to its sign",
        FALSE if singular and len(minimisers) > 1 else HOLDS,
        f"for G = diag(1, 0) the power does not exist (a pseudo-inverse does), and diag{minimisers} all are minimisers",
    )


def newton_schulz() -> Finding:
    """The quintic of Muon at 1."""
    a, b, c = Fraction("3.4445"), Fraction("-4.7750"), Fraction("2.0315")
    at_one = a + b + c
    return Finding(
        "Newton–Schulz iterations converge to UVᵀ",
        HOLDS if at_one == 1 else FALSE,
        f"the quintic maps the singular value 1 to {at_one} = {float(at_one)}",
    )


CLAIMS: tuple[Callable[[], Finding], ...] = (
    second_moment, called_variance, off_by_one, impossible, nonsmooth, root_steps, root_steps_at_solution, decreasing,
    mini_batches, weight_decay, polar_factor, newton_schulz,
)  # fmt: skip
UNCHECKED = (
    "“O(1/ε), O(1/ε²) steps” needs a measure, ‖∇f‖² ≤ ε; O(1/ε) for convex functions is gradient descent, not the best",
    "GD is printed with ∇f_i(x) in place of ∇f_i(x_k), a misprint",
    "“AdaGrad needs no tuning of steps” is no statement; α is in every bound",
    "“Newton averages in O(1/k) without strong convexity” is known for least squares and logistic regression only",
)


def main() -> None:
    """Print what was found."""
    for check in CLAIMS:
        finding = check()
        print(f"{finding.verdict.upper():6} {finding.claim}\n       {finding.found}\n", flush=True)
    for line in UNCHECKED:
        print(f"NOT CHECKED  {line}")


if __name__ == "__main__":
    main()
