"""Randomised block coordinate descent, with all outcomes of the draws side by side."""

from __future__ import annotations

from typing import Any

from certify.assumptions.smooth_convex import SmoothConvex
from certify.assumptions.smooth_strongly_convex import SmoothStronglyConvex
from certify.language import DISTANCE, Blocks, Method, Positive, Run, block, measure, rate
from certify.methods.sgd_finite_sum import EXPECTED_DISTANCE, average, expected_distance

SOURCE = "Taylor, Bach (2019), Appendix I"


def _energy(run: Run, k: int) -> Any:
    (f,), method = run.functions, run.method
    γ, d = method.value_of(RandomCoordinate.step_size), method.blocks()
    gap = average([f.value(x) for x in run.states[k]]) - f.value(run.solution)
    return (1 + k * γ * f.L / d) * gap + f.L / 2 * expected_distance(run, k)


ENERGY = measure(
    "energy",
    "(1 + kγL/d) E(f(x_k) − f⋆) + (L/2) E‖x_k − x⋆‖²",
    _energy,
    latex=(
        r"\left(1 + \tfrac{k\gamma L}{d}\right)\mathbb{E}(f(x_k) - f^\star)"
        r" + \tfrac L2\mathbb{E}\|x_k - x^\star\|^2"
    ),
)


class RandomCoordinate(Method):
    """x⁺ = x − γ∇_i f(x), the gradient along one of d blocks of coordinates, i = 1, …, d at random.

    A state is the tuple of all outcomes, d^k after k steps; measures that expect one iterate look at their mean.
    """

    name = "random-coordinate"
    title = "randomised block coordinate descent"
    formula = r"x^+ = x - \gamma\,\nabla_i f(x), \quad i \text{ uniform in } \{1, \dots, d\}"
    source = "Nesterov (2012)"
    step_size = Positive("gamma", "step size")
    count = Blocks("d", "number of blocks")

    def start(self, x: Any, f: Any) -> tuple[Any, ...]:
        """One outcome."""
        return (x,)

    def step(self, state: tuple[Any, ...], f: Any) -> tuple[Any, ...]:
        """All draws from each outcome."""
        d = self.blocks()
        return tuple(x - self.step_size * block(f.gradient(x), i, d) for x in state for i in range(d))

    def output(self, state: tuple[Any, ...]) -> Any:
        """E x_k."""
        return average(state)

    @rate(
        SmoothStronglyConvex,
        measure=EXPECTED_DISTANCE,
        initial=DISTANCE,
        tight=True,
        source=f"{SOURCE}, Theorem 17",
        holds=lambda self, f, N: self.step_size * f.L <= 1,
        at=[
            {"L": 1, "mu": "1/10", "gamma": 1, "d": 2, "N": 1},
            {"L": 1, "mu": "1/4", "gamma": "1/2", "d": 3, "N": 1},
        ],
    )
    def distance_rate(self, f: Any, N: int) -> Any:
        """E‖x_N − x⋆‖² ≤ max{((1 − γμ)² + d − 1)/d, ((1 − γL)² + d − 1)/d}^N R² for γ ≤ 1/L."""
        γ, d = self.step_size, self.blocks()
        return ((max((1 - γ * f.mu) ** 2, (1 - γ * f.L) ** 2) + d - 1) / d) ** N

    @rate(
        SmoothConvex,
        measure=ENERGY,
        initial=ENERGY,
        tight=True,
        source=f"{SOURCE}, Theorem 16",
        holds=lambda self, f, N: self.step_size * f.L <= 1,
        at=[{"L": 1, "gamma": 1, "d": 2, "N": 1}, {"L": 1, "gamma": "1/2", "d": 3, "N": 1}],
    )
    def energy_rate(self, f: Any, N: int) -> Any:
        """(1 + NγL/d) E(f(x_N) − f⋆) + (L/2) E‖x_N − x⋆‖² never grows for γ ≤ 1/L."""
        return 1
