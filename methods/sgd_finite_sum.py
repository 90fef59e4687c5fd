"""Stochastic gradient descent on two functions, with all outcomes of the draws side by side."""

from __future__ import annotations

from typing import Any

from certify.assumptions.smooth_strongly_convex import SmoothStronglyConvex
from certify.language import Method, Positive, Run, measure, norm2, rate

CURVED = (SmoothStronglyConvex, SmoothStronglyConvex)
SAMPLES = (
    {"L": 1, "mu": "1/10", "gamma": "1/2", "N": 1},
    {"L": 1, "mu": "1/4", "gamma": "1/3", "N": 1},
)


def average(terms: Any) -> Any:
    """The mean of a sequence."""
    first, *more = terms
    for term in more:
        first = first + term
    return first / (1 + len(more))


def expected_distance(run: Run, k: int) -> Any:
    """E‖x_k − x⋆‖² over all outcomes."""
    return average([norm2(x - run.solution) for x in run.states[k]])


EXPECTED_DISTANCE = measure(
    "expected-distance", "E‖{x} − x⋆‖²", expected_distance, latex=r"\mathbb{E}\|{x} - x^\star\|^2"
)


def noise(run: Run) -> Any:
    """σ² = E‖∇f_i(x⋆)‖²."""
    return average([norm2(f.gradient(run.solution)) for f in run.functions])


def _spread(run: Run, k: int) -> Any:
    method: Any = run.method
    (f, *_), γ = run.functions, method.step_size
    near = (f.L - f.mu) ** 2 / 2 * γ**2 + 2 * (1 - γ * (f.L + f.mu) / 2) ** 2
    return near * expected_distance(run, k) + 2 * γ**2 * noise(run)


def _drift(run: Run, k: int) -> Any:
    method: Any = run.method
    (f, *_), γ = run.functions, method.step_size
    return (1 - γ * f.mu) * expected_distance(run, k) + 2 * γ**2 * noise(run)


SPREAD = measure("spread", "a E‖{x} − x⋆‖² + 2γ²σ²", _spread)
DRIFT = measure("drift", "(1 − γμ) E‖{x} − x⋆‖² + 2γ²σ²", _drift)


class FiniteSumGradient(Method):
    """x⁺ = x − γ∇f_i(x) with i = 1 or 2 at random, for the sum of two functions.

    A state is the tuple of all outcomes, 2^k after k steps; measures that expect one iterate look at their mean. In the
    rates σ² = ½‖∇f₁(x⋆)‖² + ½‖∇f₂(x⋆)‖². The right-hand side of `distance-rate` is the one for s = 1 of
    (1 + 1/s)(γ(L − μ)/2)²R² + (1 + s)((1 − γ(L + μ)/2)²R² + γ²σ²), whose smallest value over s > 0 is
    (γ(L − μ)R/2 + √((1 − γ(L + μ)/2)²R² + γ²σ²))².
    """

    name = "sgd-finite-sum"
    title = "stochastic gradient descent on two functions"
    formula = r"x^+ = x - \gamma\,\nabla f_i(x), \quad i \text{ uniform in } \{1, 2\}"
    source = "Robbins, Monro (1951)"
    functions = ("f1", "f2")
    step_size = Positive("gamma", "step size")

    def start(self, x: Any, f1: Any, f2: Any) -> tuple[Any, ...]:
        """One outcome."""
        return (x,)

    def step(self, state: tuple[Any, ...], f1: Any, f2: Any) -> tuple[Any, ...]:
        """Both draws from each outcome."""
        return tuple(x - self.step_size * f.gradient(x) for x in state for f in (f1, f2))

    def output(self, state: tuple[Any, ...]) -> Any:
        """E x_k."""
        return average(state)

    @rate(
        *CURVED,
        measure=EXPECTED_DISTANCE,
        initial=SPREAD,
        tight=True,
        source="Taylor, Hendrickx, Glineur, PESTO (2017), example of stochastic gradient descent (numerical)",
        holds=lambda self, f1, f2, N: (
            N == 1,
            f1.L == f2.L,
            f1.mu == f2.mu,
            1 / f1.L <= self.step_size <= 1 / f1.mu,
        ),
        at=[{"L": 1, "mu": "1/10", "gamma": "3/2", "N": 1}, {"L": 1, "mu": "1/4", "gamma": 1, "N": 1}],
    )
    def distance_rate(self, f1: Any, f2: Any, N: int) -> Any:
        """E‖x₁ − x⋆‖² ≤ 2((γ(L − μ)/2)² + (1 − γ(L + μ)/2)²)R² + 2γ²σ² for 1/L ≤ γ ≤ 1/μ."""
        return 1

    @rate(
        *CURVED,
        measure=EXPECTED_DISTANCE,
        initial=DRIFT,
        source="Gower et al. (2019)",
        holds=lambda self, f1, f2, N: (N == 1, f1.L == f2.L, f1.mu == f2.mu, self.step_size * f1.L <= 1 / 2),
        at=SAMPLES,
    )
    def distance_rate_textbook(self, f1: Any, f2: Any, N: int) -> Any:
        """E‖x₁ − x⋆‖² ≤ (1 − γμ)R² + 2γ²σ² for γ ≤ 1/(2L)."""
        return 1
