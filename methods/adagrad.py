"""AdaGrad: every coordinate has its own step size, which shrinks with the gradients seen there."""

from __future__ import annotations

from typing import Any, NamedTuple

from certify.assumptions.bounded_samples import BoundedSamples
from certify.assumptions.smooth_above import SmoothAbove
from certify.language import GRADIENT, EvenAveraging, Goal, Method, Positive, inner, log, norm2, root, theorem


class State(NamedTuple):
    """x_k and v_k = g_0² + … + g_{k−1}²."""

    x: Any
    v: Any


class AdaGrad(Method):
    """v⁺ = v + g², x⁺ = x − α g/√(ε + v⁺) in every coordinate, with E g = ∇f(x), from v₀ = 0."""

    name = "adagrad"
    title = "AdaGrad"
    formula = (
        r"v^+ = v + g^2, \quad x^+ = x - \alpha\,\frac{g}{\sqrt{\epsilon + v^+}}, \quad \mathbb{E}\,g = \nabla f(x)"
    )
    source = "Duchi, Hazan, Singer (2011)"
    step_size = Positive("alpha", "step size")
    offset = Positive("epsilon", "offset under the root")

    def start(self, x: Any, f: Any) -> State:
        """No gradient was seen."""
        return State(x, 0 * x)

    def step(self, state: State, f: Any) -> State:
        """A step along the sample, scaled coordinate by coordinate."""
        g = f.stochastic_gradient(state.x)
        v = state.v + g * g
        return State(state.x - self.step_size * g / root(self.offset + v), v)

    def output(self, state: State) -> Any:
        """x_k."""
        return state.x

    @theorem(
        SmoothAbove,
        BoundedSamples,
        measure=GRADIENT,
        indexed=True,
        coordinates=True,
        source="Défossez, Bottou, Bach, Usunier (2022), Theorem 1, with a smaller constant",
    )
    def gradient(self, f: Any, before: State, after: State, *, k: Any, m: Any) -> Goal:
        """The average of E‖∇f(x_k)‖², and so that at a random one of x₀, …, x_{N−1}, is at most
        Q(2(f(x₀) − f⋆)/α + d(M + αL) ln(1 + NM²/ε))/N, where Q = √(ε + NM²) ≤ √N (M + √ε)."""
        return self._average(f, before, after, k, m, self.step_size * f.M / 2 + self.step_size**2 * f.L / 2)

    def _average(self, f: Any, before: State, after: State, k: Any, m: Any, cost: Any) -> Goal:
        α, ε, M = self.step_size, self.offset, f.M
        G, g, seen = f.gradient(before.x), f.drawn_at(before.x), ε + before.v
        ones = 1 + 0 * G

        def most(k: Any) -> Any:
            return ε + k * M**2

        def left(k: Any, state: State) -> Any:
            return f.value(state.x) - f.minimum + cost * inner(log(most(k)) - log(ε + state.v), ones)

        root_now, root_most = root(seen + g * g), root(seen + M**2)
        return EvenAveraging(
            quantity=norm2(G),
            weight=α / (2 * root(most(k + 1))),
            before=left(k, before),
            after=left(k + 1, after),
            error=cost * (log(most(k + 1)) - log(most(k))) * inner(ones, ones),
            clock=k,
            left=m,
            least=lambda steps: α / (2 * root(most(steps))),
            spent=lambda k: cost * (log(most(k)) - log(ε)) * inner(ones, ones),
            invariant=lambda state, k: ((0 * state.v, state.v), (state.v, k * M**2 + 0 * state.v)),
            lemmas=(
                (root_now, root_most),
                (root_most, root_now + M),
                (G * g / root_most - G * G / (2 * root_most) - M / 2 * (g * g) / root_now**2, G * g / root_now),
                (1 / root(most(k + 1)) + 0 * G, 1 / root_most),
            ),
        )
