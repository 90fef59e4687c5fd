"""The forward-reflected-backward method."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, NamedTuple

from certify.assumptions.lipschitz_monotone import LipschitzMonotone
from certify.assumptions.monotone import Monotone
from certify.assumptions.strongly_monotone import StronglyMonotone
from certify.language import BEST_STEP, DISTANCE, Measure, Method, Positive, Run, inner, measure, norm2, rate


class State(NamedTuple):
    """x_k, x_{k−1} and B(x_{k−1})."""

    x: Any
    before: Any
    slope: Any


def _energy(run: Run, k: int) -> Any:
    state, B = run.states[k], run.role("B")
    cross = inner(B(state.x) - state.slope, run.solution - state.x)
    return norm2(state.x - run.solution) + 2 * run.method.values["gamma"] * cross + norm2(state.x - state.before) / 2


ENERGY: Measure = measure("energy", "‖x_k − x⋆‖² + 2γ⟨B(x_k) − B(x_{k−1}), x⋆ − x_k⟩ + ½‖x_k − x_{k−1}‖²", _energy)


class ForwardReflectedBackward(Method):
    """x_{k+1} = J_{γA}(x_k − 2γ B(x_k) + γ B(x_{k−1})), x₋₁ = x₀."""

    name = "frb"
    title = "forward-reflected-backward method"
    formula = r"x_{k+1} = J_{\gamma A}\bigl(x_k - 2\gamma B(x_k) + \gamma B(x_{k-1})\bigr)"
    source = "Malitsky, Tam (2020)"
    functions = ("A", "B")
    step_size = Positive("gamma", "step size")

    def start(self, x: Any, A: Any, B: Any) -> State:
        """x₋₁ = x₀."""
        return State(x, x, B(x))

    def step(self, state: State, A: Any, B: Any) -> State:
        """A reflected forward step, then a resolvent step."""
        γ, slope = self.step_size, B(state.x)
        return State(A.resolvent(state.x - 2 * γ * slope + γ * state.slope, γ), state.x, slope)

    def output(self, state: State) -> Any:
        """x_k."""
        return state.x

    @rate(
        Monotone,
        LipschitzMonotone,
        measure=BEST_STEP,
        initial=DISTANCE,
        source="Malitsky, Tam (2020), from the proof of convergence",
        holds=lambda self, A, B, N: 2 * self.step_size * B.L < 1,
        at=[{"B.L": 1, "gamma": "1/5", "N": 1}, {"B.L": 2, "gamma": "1/5", "N": 3}],
    )
    def best_step_rate(self, A: Any, B: Any, N: int) -> Any:
        """min ‖x_k − x_{k−1}‖² ≤ 2R²/((1 − 2γL) N) for γ < 1/(2L)."""
        return 2 / ((1 - 2 * self.step_size * B.L) * N)

    @rate(
        StronglyMonotone,
        LipschitzMonotone,
        measure=ENERGY,
        initial=DISTANCE,
        source="Malitsky, Tam (2020), Theorem 2.9",
        holds=lambda self, A, B, N: 2 * self.step_size * B.L < 1,
        at=[
            {"A.mu": 1, "B.L": 1, "gamma": "1/5", "N": 1},
            {"A.mu": "1/10", "B.L": 1, "gamma": "1/4", "N": 2},
        ],
    )
    def energy_rate(self, A: Any, B: Any, N: int) -> Any:
        """The energy ‖x_N − x⋆‖² + … ≤ ρ^N R² with 1/ρ = min{1 + 4μγ − ¾ε, 1 + ½ε}, ε = min{½ − γL, 5μγ}.

        The energy is ‖x_k − x⋆‖² + 2γ⟨B(x_k) − B(x_{k−1}), x⋆ − x_k⟩ + ½‖x_k − x_{k−1}‖² ≥ ½‖x_k − x⋆‖², for γ < 1/(2L)
        and a μ-strongly monotone A.
        """
        m = self.step_size * A.mu
        ε = min(Fraction(1, 2) - self.step_size * B.L, 5 * m)
        return 1 / min(1 + 4 * m - 3 * ε / 4, 1 + ε / 2) ** N
