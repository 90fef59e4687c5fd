"""AdaBelief: steps are divided by how far gradients are from what the momentum expects."""

from __future__ import annotations

from typing import Any, NamedTuple

from certify.assumptions.smooth_above import SmoothAbove
from certify.language import STEP, Conjecture, Goal, Method, Positive, Same, Share, root, theorem


class State(NamedTuple):
    """x_k and the moving averages m_k and s_k."""

    x: Any
    m: Any
    s: Any


class AdaBelief(Method):
    """m⁺ = β₁m + (1 − β₁)g, s⁺ = β₂s + (1 − β₂)(g − m⁺)² + ε, x⁺ = x − α m⁺/√s⁺, without corrections for the start."""

    name = "adabelief"
    title = "AdaBelief"
    formula = (
        r"m^+ = \beta_1 m + (1 - \beta_1) g, \quad s^+ = \beta_2 s + (1 - \beta_2)(g - m^+)^2 + \epsilon, "
        r"\quad x^+ = x - \alpha\,m^+/\sqrt{s^+}"
    )
    source = "Zhuang et al. (2020)"
    step_size = Positive("alpha", "step size")
    momentum = Share("beta1", "weight of the past in the momentum", strict=False)
    memory = Share("beta2", "weight of the past in the average of squares")
    offset = Positive("epsilon", "what is added to the average in every step")

    def start(self, x: Any, f: Any) -> State:
        """No gradient was seen."""
        return State(x, 0 * x, 0 * x)

    def step(self, state: State, f: Any) -> State:
        """A step along the momentum, scaled coordinate by coordinate."""
        g = f.stochastic_gradient(state.x)
        m = self.momentum * state.m + (1 - self.momentum) * g
        s = self.memory * state.s + (1 - self.memory) * (g - m) * (g - m) + self.offset
        return State(state.x - self.step_size * m / root(s), m, s)

    def output(self, state: State) -> Any:
        """x_k."""
        return state.x

    @theorem(SmoothAbove, measure=STEP, coordinates=True, at={"beta1": 0})
    def gradient_descent(self, f: Any, before: State, after: State) -> Goal:
        """Without momentum, β₁ = 0, a step is x⁺ = x − α g/√(β₂s + ε): gradients have no influence on its length."""
        s = self.memory * before.s + self.offset
        right = before.x - self.step_size * f.drawn_at(before.x) / root(s)
        return Same(left=after.x, right=right, invariant=lambda state, k: ((0 * state.s, state.s),))

    conjectures = (
        Conjecture("convergence", "With momentum the average of E‖∇f‖² tends to a floor.", note="no rate found"),
    )
