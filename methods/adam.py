"""Adam: momentum, divided by the root of a moving average of squared gradients, both corrected for their start."""

from __future__ import annotations

from typing import Any, NamedTuple

from certify.assumptions.bounded_samples import BoundedSamples
from certify.assumptions.smooth import Smooth
from certify.assumptions.smooth_above import SmoothAbove
from certify.language import (
    GRADIENT,
    STEP,
    Conjecture,
    Goal,
    Method,
    NonNegative,
    Positive,
    Same,
    Share,
    Telescoping,
    inner,
    log,
    norm2,
    root,
    theorem,
)


class State(NamedTuple):
    """x_k, the moving averages m_k and v_k, and the weights β₁ᵏ and β₂ᵏ that their start has in them."""

    x: Any
    m: Any
    v: Any
    p: Any
    q: Any


class Adam(Method):
    """m⁺ = β₁m + (1 − β₁)g, v⁺ = β₂v + (1 − β₂)g², x⁺ = x − α m̂/(√v̂ + ε), m̂ = m⁺/(1 − β₁ᵏ⁺¹), v̂ = v⁺/(1 − β₂ᵏ⁺¹)."""

    name = "adam"
    title = "Adam"
    formula = (
        r"m^+ = \beta_1 m + (1 - \beta_1) g, \quad v^+ = \beta_2 v + (1 - \beta_2) g^2, \quad "
        r"x^+ = x - \alpha\,\frac{m^+/(1 - \beta_1^{k+1})}{\sqrt{v^+/(1 - \beta_2^{k+1})} + \epsilon}"
    )
    source = "Kingma, Ba (2015)"
    step_size = Positive("alpha", "step size")
    momentum = Share("beta1", "weight of the past in the momentum", strict=False)
    memory = Share("beta2", "weight of the past in the average of squares", strict=False)
    offset = NonNegative("epsilon", "offset beside the root")

    def start(self, x: Any, f: Any) -> State:
        """No gradient was seen."""
        return State(x, 0 * x, 0 * x, 1, 1)

    def step(self, state: State, f: Any) -> State:
        """A step along the momentum, scaled coordinate by coordinate."""
        g, β1, β2 = f.stochastic_gradient(state.x), self.momentum, self.memory
        m, v = β1 * state.m + (1 - β1) * g, β2 * state.v + (1 - β2) * g * g
        p, q = β1 * state.p, β2 * state.q
        x = state.x - self.step_size * (m / (1 - p)) / (root(v) / root(1 - q) + self.offset)
        return State(x, m, v, p, q)

    def output(self, state: State) -> Any:
        """x_k."""
        return state.x

    @theorem(
        SmoothAbove,
        BoundedSamples,
        measure=GRADIENT,
        coordinates=True,
        at={"beta1": 0},
        source="after Défossez, Bottou, Bach, Usunier (2022), Theorem 2",
    )
    def gradient(self, f: Any, before: State, after: State) -> Goal:
        """Without momentum the average of E‖∇f‖² is at most (M + ε)(2Δ₀/α + d(M/√(1 − β₂) + αL/(1 − β₂))(ln(1 + M²/
        ((1 − β₂)ε²)) − N ln β₂))/N for ε, β₂ > 0, with Δ₀ = f(x₀) − f⋆; it has the floor
        −(M + ε)d(M/√(1 − β₂) + αL/(1 − β₂)) ln β₂, which does not vanish."""
        α, β, ε, M = self.step_size, self.memory, self.offset, f.M
        G, g = f.gradient(before.x), f.drawn_at(before.x)
        ones, scale, r = 1 + 0 * G, root(1 - after.q), root(1 - β)
        cost, small = α * M / (2 * r) + α**2 * f.L / (2 * r**2), r**2 * ε**2
        low, high = root(after.v), root(β * before.v + (1 - β) * M**2)
        now, bound, size = low / scale + ε, high / scale + ε, low + ε * scale

        def left(state: State) -> Any:
            return f.value(state.x) - f.minimum + cost * inner(log(small + M**2) - log(small + state.v), ones)

        return Telescoping(
            quantities=(norm2(G),),
            weights=(α / (2 * (M + ε)),),
            before=left(before),
            after=left(after),
            error=-cost * log(β) * inner(ones, ones),
            given=(ε > 0, β > 0, M + ε > 0),
            invariant=lambda state, k: (
                (0 * state.q, state.q),
                (state.q, 1 + 0 * state.q),
                (0 * state.v, state.v),
                (state.v, M**2 * (1 - state.q) + 0 * state.v),
            ),
            lemmas=(
                (low, high),
                (high, low + r * M),
                (high, M * scale + 0 * high),
                (0 * after.v, after.v),
                (G * g / bound - G * G / (2 * bound) - r * M * scale / 2 * (g * g) / size**2, G * g / now),
                (1 / (M + ε) + 0 * G, 1 / bound),
                (1 - β, 1 - after.q),
                ((1 - β) * ε**2, (1 - after.q) * ε**2),
                (0 * ε, r * ε),
                (0 * ε, small),
                (small + after.v, size**2),
                (scale, 1 + 0 * scale),
                (scale * (g * g) / size**2, (g * g) / (small + after.v)),
                ((g * g) / now**2, scale * (g * g) / size**2),
                ((1 - β) * (g * g) / (small + after.v), log(small + after.v) - log(small + before.v) - log(β)),
                (r**2 * (g * g) / (small + after.v), (1 - β) * (g * g) / (small + after.v)),
            ),
        )

    @theorem(
        Smooth,
        BoundedSamples,
        measure=GRADIENT,
        coordinates=True,
        source="after Guo, Xu, Yin, Jin, Yang (2021)",
    )
    def gradient_momentum(self, f: Any, before: State, after: State) -> Goal:
        """With momentum and αL ≤ (1 − β₁)²ε, ε > 0, the average of E‖∇f‖² is at most (M + ε)(2Δ₀/α +
        β₁²G₀²/((1 − β₁)²ε) + β₁dM²/((1 − β₁)ε) + N(1 − β₁)dM²/ε)/N, for every β₂ > 0: the floor (M + ε)(1 − β₁)dM²/ε
        vanishes if β₁ tends to 1."""
        α, β, ε, L, M = self.step_size, self.momentum, self.offset, f.L, f.M
        G, H, m, d = f.gradient(before.x), f.gradient(after.x), after.m, after.x - before.x
        rest, corrected = 1 - β, 1 - β + β * after.p
        ones, low = 1 + 0 * G, root(after.v)
        high, scale = root(self.memory * before.v + (1 - self.memory) * M**2), root(1 - after.q)
        now = (1 - after.p) * (low / scale + ε)
        room, size, longest = ε * rest**2, α * L, ε * rest**3

        def longer(p: Any) -> Any:
            """A bound on half the step size, divided by a coordinate's `now`."""
            return α * (1 - β + β * p) / (2 * ε * rest)

        def trust(p: Any) -> Any:
            return longer(p) * β**2 / rest

        def left(state: State, gradient: Any) -> Any:
            early = α * β * M**2 / (2 * ε * rest) * state.p * inner(ones, ones)
            return f.value(state.x) - f.minimum + trust(state.p) * norm2(state.m - gradient) + early

        return Telescoping(
            quantities=(norm2(G),),
            weights=(α / (2 * (M + ε)),),
            before=left(before, G),
            after=left(after, H),
            error=α * rest * M**2 / (2 * ε) * inner(ones, ones),
            given=(ε > 0, self.memory > 0, M + ε > 0, size <= room),
            invariant=lambda state, k: (
                (0 * state.p, state.p),
                (state.p, 1 + 0 * state.p),
                (0 * state.q, state.q),
                (state.q, 1 + 0 * state.q),
                (0 * state.v, state.v),
                (state.v, M**2 * (1 - state.q) + 0 * state.v),
            ),
            lemmas=(
                (low, high),
                (high, M * scale + 0 * high),
                (0 * after.v, after.v),
                (corrected, 1 + 0 * corrected),
                (0 * corrected, corrected),
                (0 * after.p, 1 - after.p),
                (size * corrected, room),
                (size**2 * β**2 * corrected, size * room * β**2),
                (size * room * (β**2 + rest), size * room),
                (size * room, room**2),
                (size**2 * β**2 * corrected + size * room * rest, room**2),
                (low / scale + ε, M + ε + 0 * low),
                (now, low / scale + ε),
                (now, (M + ε) * ones),
                (ε * (1 - after.p), now),
                (ε * rest, ε * (1 - after.p)),
                (ε * rest * ones, now),
                (ε * rest * ones, now * (1 - β + β * before.p)),
                (ones / now, ones * (1 - β + β * before.p) / (ε * rest)),
                (room**2, longest * now),
                (size**2 * β**2 * corrected + size * room * rest, longest * now),
                (α / 2 / (M + ε) * G * G, α / 2 * G * G / now),
                (α / 2 * (m - G) * (m - G) / now, longer(before.p) * (m - G) * (m - G)),
                ((trust(after.p) * L**2 / rest + L / 2) * (α * m / now) ** 2, α / 2 * m * m / now),
                (
                    trust(after.p) * (m - H) * (m - H),
                    trust(after.p) / β * (m - G) * (m - G) + trust(after.p) / rest * (G - H) * (G - H),
                ),
                (2 * L * (H - G) * d, (H - G) * (H - G) + L**2 * d * d),
                (trust(after.p) / β * (m - G) * (m - G), trust(before.p) / β * (m - G) * (m - G)),
                (0 * G, trust(before.p) * (before.m - G) * (before.m - G)),
            ),
        )

    @theorem(
        SmoothAbove,
        measure=STEP,
        coordinates=True,
        at={"beta1": 0, "beta2": 0, "epsilon": 0},
        source="Balles, Hennig (2018)",
    )
    def sign_descent(self, f: Any, before: State, after: State) -> Goal:
        """With β₁ = β₂ = ε = 0 a step is x⁺ = x − α sign(g), where no coordinate of g is 0."""
        g = f.drawn_at(before.x)
        return Same(left=after.x, right=before.x - self.step_size * g / root(g * g), given=(g * g > 0,))

    conjectures = (
        Conjecture(
            "momentum",
            "With momentum, β₁ < β₂, the average of E‖∇f‖² is O(1/N) above a floor of order 1 − β₂.",
            assumptions=(SmoothAbove, BoundedSamples),
            source="Défossez, Bottou, Bach, Usunier (2022), Theorem 4",
        ),
    )
