"""RMSProp: every coordinate of a step is divided by the root of a moving average of squared gradients."""

from __future__ import annotations

from typing import Any, NamedTuple

from certify.assumptions.bounded_samples import BoundedSamples
from certify.assumptions.smooth_above import SmoothAbove
from certify.language import GRADIENT, Goal, Method, Positive, Share, Telescoping, inner, log, norm2, root, theorem
from certify.methods._warm import WarmRMSProp


class State(NamedTuple):
    """x_k and v_k, the moving average."""

    x: Any
    v: Any


class RMSProp(Method):
    """v⁺ = βv + (1 − β)g², x⁺ = x − γ g/√(ε + v⁺) in every coordinate, with E g = ∇f(x), from v₀ = 0."""

    name = "rmsprop"
    title = "RMSProp"
    formula = (
        r"v^+ = \beta v + (1 - \beta) g^2, \quad x^+ = x - \gamma\,\frac{g}{\sqrt{\epsilon + v^+}}, "
        r"\quad \mathbb{E}\,g = \nabla f(x)"
    )
    source = "Tieleman, Hinton (2012)"
    step_size = Positive("gamma", "step size")
    memory = Share("beta", "weight of the past in the average")
    offset = Positive("epsilon", "offset under the root")
    variants = (WarmRMSProp,)

    def start(self, x: Any, f: Any) -> State:
        """No gradient was seen."""
        return State(x, 0 * x)

    def step(self, state: State, f: Any) -> State:
        """A step along the sample, scaled coordinate by coordinate."""
        g = f.stochastic_gradient(state.x)
        v = self.memory * state.v + (1 - self.memory) * g * g
        return State(state.x - self.step_size * g / root(self.offset + v), v)

    def output(self, state: State) -> Any:
        """x_k."""
        return state.x

    @theorem(
        SmoothAbove,
        BoundedSamples,
        measure=GRADIENT,
        coordinates=True,
        source="Défossez, Bottou, Bach, Usunier (2022), Theorem 2, for steps of constant length",
    )
    def gradient(self, f: Any, before: State, after: State) -> Goal:
        """The average of E‖∇f‖² is at most Q(2Δ₀/γ + d(M/√(1 − β) + γL/(1 − β))(ln(1 + M²/ε) − N ln β))/N, where
        Q = √(ε + M²) and Δ₀ = f(x₀) − f⋆; it has the floor −Qd(M/√(1 − β) + γL/(1 − β)) ln β, which does not vanish."""
        γ, β, ε, M = self.step_size, self.memory, self.offset, f.M
        G, g, past = f.gradient(before.x), f.drawn_at(before.x), ε + β * before.v
        ones, r, most = 1 + 0 * G, root(1 - β), root(ε + M**2)
        cost = γ * M / (2 * r) + γ**2 * f.L / (2 * r**2)
        now, bound = root(past + (1 - β) * g * g), root(past + (1 - β) * M**2)

        def left(state: State) -> Any:
            return f.value(state.x) - f.minimum + cost * inner(log(ε + M**2) - log(ε + state.v), ones)

        return Telescoping(
            quantities=(norm2(G),),
            weights=(γ / (2 * most),),
            before=left(before),
            after=left(after),
            error=-cost * log(β) * inner(ones, ones),
            invariant=lambda state, k: ((0 * state.v, state.v), (state.v, M**2 + 0 * state.v)),
            lemmas=(
                (now, bound),
                (bound, now + r * M),
                (G * g / bound - G * G / (2 * bound) - r * M / 2 * (g * g) / now**2, G * g / now),
                (1 / most + 0 * G, 1 / bound),
                (r**2 * (g * g) / now**2, log(ε + after.v) - log(ε + before.v) - log(β)),
            ),
        )
