"""AdaBelief: steps are divided by how far gradients are from what the momentum expects."""

from __future__ import annotations

from typing import Any, NamedTuple

from certify.assumptions.bounded_samples import BoundedSamples
from certify.assumptions.smooth import Smooth
from certify.assumptions.smooth_above import SmoothAbove
from certify.language import (
    GRADIENT,
    STEP,
    Goal,
    Method,
    Positive,
    Same,
    Share,
    Telescoping,
    inner,
    norm2,
    root,
    theorem,
)


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

    @theorem(
        Smooth,
        BoundedSamples,
        measure=GRADIENT,
        coordinates=True,
        source="after Guo, Xu, Yin, Jin, Yang (2021)",
    )
    def gradient_momentum(self, f: Any, before: State, after: State) -> Goal:
        """With αL ≤ (1 − β₁)√ε the average of E‖∇f‖² is at most Q(2Δ₀/α + β₁²G₀²/((1 − β₁)√ε) + N(1 − β₁)dM²/√ε)/N with
        Q = √(4β₁²M² + ε/(1 − β₂)): the floor Q(1 − β₁)dM²/√ε vanishes if β₁ tends to 1."""
        α, β, L, M = self.step_size, self.momentum, f.L, f.M
        G, H, m, d = f.gradient(before.x), f.gradient(after.x), after.m, after.x - before.x
        g, rest, ones, e = f.drawn_at(before.x), 1 - β, 1 + 0 * G, root(self.offset)
        share, most = 1 - self.memory, 4 * β**2 * M**2 * (1 - self.memory) + self.offset
        now, largest, size = root(after.s), root(most) / root(share), α * L
        surprise, trust = share * β**2 * (g - before.m) * (g - before.m), α * β**2 / (2 * e * rest)

        def left(state: State, gradient: Any) -> Any:
            return f.value(state.x) - f.minimum + trust * norm2(state.m - gradient)

        return Telescoping(
            quantities=(norm2(G),),
            weights=(α / (2 * largest),),
            before=left(before, G),
            after=left(after, H),
            error=α * rest * M**2 / (2 * e) * inner(ones, ones),
            given=(size <= rest * e,),
            invariant=lambda state, k: (
                (0 * state.s, state.s),
                (share * state.s, most * ones),
                (state.m, M * ones),
                (-M * ones, state.m),
            ),
            lemmas=(
                (0 * g, (M - g) * (M - g)),
                (0 * g, (M + g) * (M + g)),
                (g, M * ones),
                (-M * ones, g),
                (0 * g, surprise),
                (surprise, share * 4 * β**2 * M**2 * ones),
                (share * after.s, most * ones),
                (root(share) * now, root(most) * ones),
                (e * ones, now),
                (size**2 * β**2, size * rest * e * β**2),
                (size * rest * e * (β**2 + rest), size * rest * e),
                (size * rest * e, (rest * e) ** 2),
                (size**2 * β**2 + size * rest**2 * e, (rest * e) ** 2),
                ((rest * e) ** 2, rest**2 * e * now),
                (size**2 * β**2 + size * rest**2 * e, rest**2 * e * now),
                (α / 2 / largest * G * G, α / 2 * G * G / now),
                (α / 2 * (m - G) * (m - G) / now, α / (2 * e) * (m - G) * (m - G)),
                ((trust * L**2 / rest + L / 2) * (α * m / now) ** 2, α / 2 * m * m / now),
                (
                    trust * (m - H) * (m - H),
                    trust / β * (m - G) * (m - G) + trust / rest * (G - H) * (G - H),
                ),
                (2 * L * (H - G) * d, (H - G) * (H - G) + L**2 * d * d),
                (0 * G, trust * (before.m - G) * (before.m - G)),
            ),
        )
