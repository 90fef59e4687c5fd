"""Adam with decoupled weight decay."""

from __future__ import annotations

from typing import Any

from certify.assumptions.smooth_above import SmoothAbove
from certify.language import STEP, Conjecture, Goal, Method, NonNegative, Positive, Same, Share, root, theorem
from certify.methods.adam import State


class AdamW(Method):
    """x⁺ = (1 − αλ)x − α m̂/(√v̂ + ε) with m̂ and v̂ as in Adam."""

    name = "adamw"
    title = "AdamW"
    formula = r"x^+ = (1 - \alpha\lambda) x - \alpha\,\frac{\hat m}{\sqrt{\hat v} + \epsilon}"
    source = "Loshchilov, Hutter (2019)"
    step_size = Positive("alpha", "step size")
    momentum = Share("beta1", "weight of the past in the momentum", strict=False)
    memory = Share("beta2", "weight of the past in the average of squares", strict=False)
    offset = NonNegative("epsilon", "offset beside the root")
    decay = Positive("lambda", "weight decay")

    def start(self, x: Any, f: Any) -> State:
        """No gradient was seen."""
        return State(x, 0 * x, 0 * x, 1, 1)

    def step(self, state: State, f: Any) -> State:
        """A step of Adam, and a part of the way to 0."""
        g, β1, β2 = f.stochastic_gradient(state.x), self.momentum, self.memory
        m, v = β1 * state.m + (1 - β1) * g, β2 * state.v + (1 - β2) * g * g
        p, q = β1 * state.p, β2 * state.q
        move = (m / (1 - p)) / (root(v) / root(1 - q) + self.offset)
        return State((1 - self.step_size * self.decay) * state.x - self.step_size * move, m, v, p, q)

    def output(self, state: State) -> Any:
        """x_k."""
        return state.x

    @theorem(
        SmoothAbove,
        measure=STEP,
        coordinates=True,
        at={"beta1": 0, "beta2": 0, "epsilon": 0},
        source="Xie, Li (2024); Chen et al. (2024)",
    )
    def frank_wolfe(self, f: Any, before: State, after: State) -> Goal:
        """With β₁ = β₂ = ε = 0 a step is (1 − αλ)x + αλ(−sign(g)/λ), where no coordinate of g is 0: a Frank–Wolfe step
        on ‖x‖_∞ ≤ 1/λ with γ = αλ."""
        g, γ = f.drawn_at(before.x), self.step_size * self.decay
        corner = -1 / self.decay * g / root(g * g)
        return Same(left=after.x, right=(1 - γ) * before.x + γ * corner, given=(g * g > 0,))

    @theorem(SmoothAbove, measure=STEP, coordinates=True, at={"beta1": 0, "beta2": 0})
    def rest(self, f: Any, before: State, after: State) -> Goal:
        """With β₁ = β₂ = 0 and ε > 0 a step is (1 − αλ)x + αλx̂ with x̂ = −g/(λ(|g| + ε)) in every coordinate, so that x
        rests where λx(|g| + ε) = −g, however large g is: no bound on ‖∇f(x_k)‖ below √d M holds for every λ."""
        g, γ = f.drawn_at(before.x), self.step_size * self.decay
        corner = -1 / self.decay * g / (root(g * g) + self.offset)
        return Same(left=after.x, right=(1 - γ) * before.x + γ * corner, given=(self.offset > 0,))

    conjectures = (
        Conjecture(
            "convergence",
            "For β₁ > 0 or ε > 0 the iterates approach the minimisers of f on ‖x‖_∞ ≤ 1/λ up to a floor.",
            note="no rate found; Adam's bound with momentum is false here: on (L/2)(x − c)² a run that starts where"
            " λx(|g| + ε) = −g never moves, whatever α, β₁ and β₂ are",
        ),
    )
