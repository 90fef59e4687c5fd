"""RMSProp whose steps grow at the start: Adam without momentum as it is analysed, with the offset under the root."""

from __future__ import annotations

from typing import Any, NamedTuple

from certify.assumptions.bounded_samples import BoundedSamples
from certify.assumptions.smooth_above import SmoothAbove
from certify.language import GRADIENT, Goal, Method, Positive, Share, Telescoping, inner, log, norm2, root, theorem


class State(NamedTuple):
    """x_k, v_k = g²_{k−1} + βg²_{k−2} + …, and βᵏ."""

    x: Any
    v: Any
    q: Any


class WarmRMSProp(Method):
    """v⁺ = βv + g², x⁺ = x − γ√((1 − βᵏ⁺¹)/(1 − β)) g/√(ε + v⁺) in every coordinate, with E g = ∇f(x), from v₀ = 0."""

    name = "rmsprop-warm"
    title = "RMSProp whose steps grow at the start"
    formula = (
        r"v^+ = \beta v + g^2, \quad x^+ = x - \gamma\,\sqrt{\tfrac{1-\beta^{k+1}}{1-\beta}}\,"
        r"\frac{g}{\sqrt{\varepsilon + v^+}}, \quad \mathbb{E}\,g = \nabla f(x)"
    )
    source = "Défossez, Bottou, Bach, Usunier (2022)"
    step_size = Positive("gamma", "step size")
    memory = Share("beta", "weight of the past in the sum")
    offset = Positive("epsilon", "offset under the root")

    def start(self, x: Any, f: Any) -> State:
        """No gradient was seen."""
        return State(x, 0 * x, 1)

    def step(self, state: State, f: Any) -> State:
        """A step along the sample, scaled coordinate by coordinate."""
        g, β = f.stochastic_gradient(state.x), self.memory
        v, q = β * state.v + g * g, β * state.q
        length = self.step_size * root(1 - q) / root(1 - β)
        return State(state.x - length * g / root(self.offset + v), v, q)

    def output(self, state: State) -> Any:
        """x_k."""
        return state.x

    @theorem(
        SmoothAbove,
        BoundedSamples,
        measure=GRADIENT,
        coordinates=True,
        source="Défossez, Bottou, Bach, Usunier (2022), Theorem 2, with a smaller constant",
    )
    def gradient_warm(self, f: Any, before: State, after: State) -> Goal:
        """With v⁺ = βv + g² and steps γ√((1 − βᵏ⁺¹)/(1 − β)), as in that theorem, the average of E‖∇f‖² is at most
        Q(2Δ₀/γ + d(M/√(1 − β) + γL/(1 − β))(ln(1 + M²/((1 − β)ε)) − N ln β))/N, where Q = √(ε + M²); its floor is
        −Qd(M/√(1 − β) + γL/(1 − β)) ln β."""
        γ, β, ε, M = self.step_size, self.memory, self.offset, f.M
        G, g, past = f.gradient(before.x), f.drawn_at(before.x), ε + β * before.v
        ones, r, scale, most = 1 + 0 * G, root(1 - β), root(1 - after.q), root(ε + M**2)
        cost = γ * M / (2 * r) + γ**2 * f.L / (2 * r**2)
        now, bound = root(past + g * g), root(past + M**2)
        along = G * g / bound - G * G / (2 * bound) - M / 2 * (g * g) / now**2

        def left(state: State) -> Any:
            logarithms = log((1 - β) * ε + M**2) - log(1 - β) - log(ε + state.v)
            return f.value(state.x) - f.minimum + cost * inner(logarithms, ones)

        return Telescoping(
            quantities=(norm2(G),),
            weights=(γ / (2 * most),),
            before=left(before),
            after=left(after),
            error=-cost * log(β) * inner(ones, ones),
            invariant=lambda state, k: (
                (0 * state.q, state.q),
                (state.q, 1 + 0 * state.q),
                (0 * state.v, state.v),
                ((1 - β) * state.v, M**2 * (1 - state.q) + 0 * state.v),
            ),
            lemmas=(
                (now, bound),
                (bound, now + M),
                (scale, 1 + 0 * scale),
                (r * bound, scale * most),
                (along, G * g / now),
                (scale * along, scale * G * g / now),
                (r / most + 0 * G, scale / bound),
                (scale * (g * g) / now**2, (g * g) / now**2),
                (scale**2 * (g * g) / now**2, scale * (g * g) / now**2),
                ((g * g) / now**2, log(ε + after.v) - log(ε + before.v) - log(β)),
            ),
        )
