"""AMSGrad: Adam without momentum whose scales never shrink, on a box, with steps like 1/√k."""

from __future__ import annotations

from typing import Any, NamedTuple

from certify.language import Conjecture, Method, Positive, Share, clip, maximum, root


class State(NamedTuple):
    """x_k, the moving average v_k and its largest value w_k so far."""

    x: Any
    v: Any
    w: Any


class AMSGrad(Method):
    """v⁺ = βv + (1 − β)g², w⁺ = max(w, v⁺), x⁺ = Π(x − α/√(k + 1) · g/√w⁺) with Π the projection onto [−1, 1]ᵈ."""

    name = "amsgrad"
    title = "AMSGrad without momentum"
    formula = (
        r"v^+ = \beta v + (1 - \beta) g^2, \quad w^+ = \max(w, v^+), \quad "
        r"x^+ = \Pi_{[-1,1]^d}\left(x - \tfrac{\alpha}{\sqrt{k+1}}\,\frac{g}{\sqrt{w^+}}\right)"
    )
    source = "Reddi, Kale, Kumar (2018)"
    step_size = Positive("alpha", "step size at the start")
    memory = Share("beta", "weight of the past in the average")

    def start(self, x: Any, f: Any) -> State:
        """No gradient was seen."""
        return State(x, 0 * x, 0 * x)

    def step(self, state: State, f: Any, *, k: Any) -> State:
        """A shorter and shorter step, scaled coordinate by coordinate, and back into the box."""
        g = f.gradient(state.x)
        v = self.memory * state.v + (1 - self.memory) * g * g
        w = maximum(state.w, v)
        return State(clip(state.x - self.step_size / root(k + 1) * g / root(w), -1, 1), v, w)

    def output(self, state: State) -> Any:
        """x_k."""
        return state.x

    conjectures = (
        Conjecture(
            "regret",
            "For convex functions with |gᵢ| ≤ G the regret after N steps is at most 2dG√N/α + αdG√N/√(1 − β).",
            source="Reddi, Kale, Kumar (2018), Corollary 1, for β₁ = 0 on a box of width 2",
            note="the argument is elementary, but functions that change from step to step are not modelled in symbols",
        ),
    )
