"""Shampoo: matrices are preconditioned from both sides with roots of what their gradients summed up to."""

from __future__ import annotations

from typing import Any, NamedTuple

from certify.assumptions.smooth_above import SmoothAbove
from certify.language import STEP, Conjecture, Goal, Method, NonNegative, Positive, Same, root, theorem
from certify.language.matrices import between, cogram, gram, inverse_fourth_root


class State(NamedTuple):
    """X_k and the sums L_k of GGᵀ and R_k of GᵀG."""

    x: Any
    left: Any
    right: Any


class Shampoo(Method):
    """L⁺ = βL + GGᵀ, R⁺ = βR + GᵀG, X⁺ = X − α (L⁺)^(−1/4) G (R⁺)^(−1/4) for G = ∇f(X), with pseudo-inverse powers."""

    name = "shampoo"
    title = "Shampoo"
    formula = (
        r"L^+ = \beta L + G G^\top, \quad R^+ = \beta R + G^\top G, \quad "
        r"X^+ = X - \alpha\,(L^+)^{-1/4} G\,(R^+)^{-1/4}, \quad G = \nabla f(X)"
    )
    source = "Gupta, Koren, Singer (2018)"
    step_size = Positive("alpha", "step size")
    memory = NonNegative("beta", "weight of the past in the sums; 1 in the source")

    def start(self, x: Any, f: Any) -> State:
        """No gradient was seen."""
        return State(x, 0 * gram(x), 0 * cogram(x))

    def step(self, state: State, f: Any) -> State:
        """A step between the two preconditioners."""
        g = f.gradient(state.x)
        left, right = self.memory * state.left + gram(g), self.memory * state.right + cogram(g)
        move = between(inverse_fourth_root(left), g, inverse_fourth_root(right))
        return State(state.x - self.step_size * move, left, right)

    def output(self, state: State) -> Any:
        """X_k."""
        return state.x

    @theorem(SmoothAbove, measure=STEP, coordinates=True, at={"beta": 0}, source="Bernstein, Newhouse (2024)")
    def polar_factor(self, f: Any, before: State, after: State) -> Goal:
        """With β = 0 a step on diagonal matrices is x⁺ = x − α sign(g), where no entry of g is 0. For G = U S Vᵀ with
        its singular values in S it is X⁺ = X − α U Vᵀ, Muon's step: what is proved is about S."""
        g = f.gradient(before.x)
        return Same(left=after.x, right=before.x - self.step_size * g / root(g * g), given=(g * g > 0,))

    conjectures = (Conjecture("convergence", "The least ‖∇f‖ tends to 0 for smooth functions.", note="no rate found"),)
