"""The accelerated proximal point method of Güler."""

from __future__ import annotations

from typing import Any, NamedTuple

from certify.assumptions.convex import Convex
from certify.language import GAP, Measure, Method, Positive, Run, measure, norm2, rate, root, rounded


class State(NamedTuple):
    """x_k, v_k and A_k."""

    x: Any
    v: Any
    A: Any


def _energy(run: Run, k: int) -> Any:
    x = run.points[k]
    return run.gap(x) + run.method.values["A0"] / 2 * norm2(x - run.solution)


ENERGY: Measure = measure("energy", "f({x}) − f⋆ + (A₀/2)‖{x} − x⋆‖²", _energy)


class Guler(Method):
    """y = (1 − α)x + αv, x⁺ = prox_{γf}(y), v⁺ = v + (x⁺ − y)/α, A⁺ = (1 − α)A, from v₀ = x₀.

    α = (√((Aγ)² + 4Aγ) − Aγ)/2, rounded to a rational number: what is certified holds for the method with these
    coefficients.
    """

    name = "guler"
    title = "accelerated proximal point method"
    formula = (
        r"y = (1-\alpha)x + \alpha v,\quad x^+ = \mathrm{prox}_{\gamma f}(y),\quad v^+ = v + \tfrac1\alpha(x^+ - y),"
        r"\quad \alpha = \tfrac12\bigl(\sqrt{(A\gamma)^2 + 4A\gamma} - A\gamma\bigr),\quad A^+ = (1-\alpha)A"
    )
    source = "Güler (1992)"
    step_size = Positive("gamma", "step size")
    curvature = Positive("A0", "curvature of the first estimate function")

    def start(self, x: Any, f: Any) -> State:
        """v₀ = x₀ and A₀."""
        return State(x, x, self.curvature)

    def step(self, state: State, f: Any) -> State:
        """A proximal step from a mean of x and v."""
        c = state.A * self.step_size
        α = (root(c**2 + 4 * c) - c) / 2
        y = (1 - α) * state.x + α * state.v
        x = f.prox(y, self.step_size)
        return State(x, state.v + (x - y) / α, rounded((1 - α) * state.A))

    def output(self, state: State) -> Any:
        """x_k."""
        return state.x

    @rate(
        Convex,
        measure=GAP,
        initial=ENERGY,
        source="Güler (1992), Theorem 2.3",
        at=[{"gamma": 1, "A0": 1, "N": 1}, {"gamma": "1/2", "A0": 2, "N": 3}],
    )
    def gap_rate(self, f: Any, N: int) -> Any:
        """f(x_N) − f⋆ ≤ 4/(A₀ γ N²) (f(x₀) − f⋆ + (A₀/2) R²)."""
        return 4 / (self.curvature * self.step_size * N**2)
