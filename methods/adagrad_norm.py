"""AdaGrad with one step size for all coordinates, which shrinks with the norms of the gradients."""

from __future__ import annotations

from typing import Any, NamedTuple

from certify.assumptions.smooth_above import SmoothAbove
from certify.language import GRADIENT, Goal, Method, Positive, SelfScaled, norm2, root, theorem


class State(NamedTuple):
    """x_k and the scale b_k."""

    x: Any
    b: Any


class AdaGradNorm(Method):
    """b⁺ = √(b² + ‖∇f(x)‖²), x⁺ = x − (η/b⁺)∇f(x)."""

    name = "adagrad-norm"
    title = "AdaGrad-Norm"
    formula = r"b^+ = \sqrt{b^2 + \|\nabla f(x)\|^2}, \quad x^+ = x - \tfrac{\eta}{b^+}\,\nabla f(x)"
    source = "Ward, Wu, Bottou (2019)"
    step_size = Positive("eta", "step")
    scale = Positive("b", "first scale")

    def start(self, x: Any, f: Any) -> State:
        """The scale at the start."""
        return State(x, self.scale)

    def step(self, state: State, f: Any) -> State:
        """A gradient step, divided by a scale that never shrinks."""
        g = f.gradient(state.x)
        b = root(state.b**2 + norm2(g))
        return State(state.x - self.step_size / b * g, b)

    def output(self, state: State) -> Any:
        """x_k."""
        return state.x

    @theorem(SmoothAbove, measure=GRADIENT, source="Ward, Wu, Bottou (2019), for exact gradients")
    def gradient(self, f: Any, before: State, after: State) -> Goal:
        """Σ‖∇f(x_k)‖² ≤ 2bΔ₀/η + 4Δ₀²/η² over all steps, Δ₀ = f(x₀) − f⋆, if the first scale is b ≥ ηL."""
        return SelfScaled(
            quantity=norm2(f.gradient(before.x)),
            weight=self.step_size / 2,
            before=f.value(before.x) - f.minimum,
            after=f.value(after.x) - f.minimum,
            scale=before.b,
            next_scale=after.b,
            given=(self.step_size * f.L <= self.scale,),
            invariant=lambda state, k: ((self.scale, state.b),),
            lemmas=((before.b, after.b),),
        )
