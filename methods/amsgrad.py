"""AMSGrad: Adam without momentum whose scales never shrink, on a box, with steps like 1/√k."""

from __future__ import annotations

from typing import Any, NamedTuple

from certify.assumptions.online_convex import OnlineConvex
from certify.language import REGRET, Averaging, Goal, Method, Positive, Share, clip, inner, maximum, root, theorem


class State(NamedTuple):
    """x_k, the moving average v_k and its largest value w_k so far."""

    x: Any
    v: Any
    w: Any


class AMSGrad(Method):
    """v⁺ = βv + (1 − β)g², w⁺ = max(w, v⁺), x⁺ = Π(x − α/√(k + 1) · g/√w⁺) with Π the projection onto [−D/2, D/2]ᵈ."""

    name = "amsgrad"
    title = "AMSGrad without momentum"
    formula = (
        r"v^+ = \beta v + (1 - \beta) g^2, \quad w^+ = \max(w, v^+), \quad "
        r"x^+ = \Pi_{[-D/2,D/2]^d}\left(x - \tfrac{\alpha}{\sqrt{k+1}}\,\frac{g}{\sqrt{w^+}}\right)"
    )
    source = "Reddi, Kale, Kumar (2018)"
    step_size = Positive("alpha", "step size at the start")
    memory = Share("beta", "weight of the past in the average")
    width = Positive("D", "width of the box")

    def start(self, x: Any, f: Any) -> State:
        """A point of the box; no gradient was seen."""
        return State(clip(x, -self.width / 2, self.width / 2), 0 * x, 0 * x)

    def step(self, state: State, f: Any, *, k: Any) -> State:
        """A shorter and shorter step, scaled coordinate by coordinate, and back into the box."""
        g, D = f.gradient(state.x), self.width
        v = self.memory * state.v + (1 - self.memory) * g * g
        w = maximum(state.w, v)
        return State(clip(state.x - self.step_size / root(k + 1) * g / root(w), -D / 2, D / 2), v, w)

    def output(self, state: State) -> Any:
        """x_k."""
        return state.x

    @theorem(
        OnlineConvex,
        measure=REGRET,
        indexed=True,
        coordinates=True,
        source="Reddi, Kale, Kumar (2018), for β₁ = 0",
    )
    def regret(self, f: Any, before: State, after: State, *, k: Any, m: Any) -> Goal:
        """Against every x⋆ in the box the regret after N steps, Σ f_k(x_k) − f_k(x⋆), is at most
        dD²G√N/(2α) + αdG√N/√(1 − β), for convex functions that may change in every step."""
        α, β, D, G = self.step_size, self.memory, self.width, f.G
        x, y, z, g = before.x, after.x, f.comparator, f.gradient(before.x)
        ones, r, s, t = 1 + 0 * g, root(1 - β), root(k), root(k + 1)
        old, new, size = root(before.w), root(after.w), root(g * g)

        def left(k: Any, state: State, scale: Any) -> Any:
            return root(k) / (2 * α) * inner(scale * ((state.x - z) ** 2 - D**2) + D**2 * G, ones)

        def spent(k: Any) -> Any:
            return (D**2 * G / (2 * α) + α * G / r) * root(k) * inner(ones, ones)

        room, nearer = D**2 - (x - z) ** 2, (x - z) ** 2 - (y - z) ** 2
        return Averaging(
            quantity=f.value(x) - f.loss_of_comparator,
            weight=1 + 0 * k,
            before=left(k, before, old),
            after=left(k + 1, after, new),
            error=(D**2 * G * (t - s) / (2 * α) + α * G / (2 * r * t)) * inner(ones, ones),
            clock=k,
            total=lambda k: k,
            spent=spent,
            given=(after.w > 0, z >= -D / 2, z <= D / 2),
            invariant=lambda state, k: (
                (0 * state.x - D / 2, state.x),
                (state.x, 0 * state.x + D / 2),
                (0 * state.v, state.v),
                (state.v, G**2 + 0 * state.v),
                (0 * state.w, state.w),
                (state.w, G**2 + 0 * state.w),
            ),
            lemmas=(
                (after.v, G**2 + 0 * after.v),
                (old, G + 0 * old),
                (old, new),
                (s * old, t * new),
                ((1 - β) * g * g, after.w),
                (size, G + 0 * size),
                (r * size, new),
                (r * size * size, G * new),
                (g * g, size * size),
                (r * g * g, G * new),
                (0 * room, room),
                (0 * room, (t * new - s * old) * room),
                ((y - z) ** 2, (x - α / t * g / new - z) ** 2),
                (2 * α * g * (x - z), t * new * nearer + α**2 * G / (r * t)),
                (2 * α * g * (x - z), t * new * (D**2 - (y - z) ** 2) - s * old * room + α**2 * G / (r * t)),
                (0 * room, (x - z) ** 2),
                (0 * room, D**2 * G - old * room),
                (2 * s * t, 2 * k + 1),
                (G * inner(ones, ones) * 2 * s * t, G * inner(ones, ones) * (2 * k + 1)),
            ),
        )
