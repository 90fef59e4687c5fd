"""Adam without momentum on an interval, with steps like 1/√k: the method of the online learning setting."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, NamedTuple

from certify.language import Conjecture, LinearGame, Method, Positive, Share, clip, root


class State(NamedTuple):
    """x_k and v_k, the moving average."""

    x: Any
    v: Any


class OnlineAdam(Method):
    """v⁺ = βv + (1 − β)g², x⁺ = Π(x − α/√(k + 1) · g/√v⁺) with Π the projection onto [−1, 1]ᵈ, from v₀ = 0."""

    name = "adam-online"
    title = "Adam without momentum in online learning"
    formula = (
        r"v^+ = \beta v + (1 - \beta) g^2, \quad "
        r"x^+ = \Pi_{[-1,1]^d}\left(x - \tfrac{\alpha}{\sqrt{k+1}}\,\frac{g}{\sqrt{v^+}}\right)"
    )
    source = "Kingma, Ba (2015)"
    step_size = Positive("alpha", "step size at the start")
    memory = Share("beta", "weight of the past in the average")

    def start(self, x: Any, f: Any) -> State:
        """No gradient was seen."""
        return State(x, 0 * x)

    def step(self, state: State, f: Any, *, k: Any) -> State:
        """A shorter and shorter step, scaled coordinate by coordinate, and back into the box."""
        g = f.gradient(state.x)
        v = self.memory * state.v + (1 - self.memory) * g * g
        return State(clip(state.x - self.step_size / root(k + 1) * g / root(v), -1, 1), v)

    def output(self, state: State) -> Any:
        """x_k."""
        return state.x

    conjectures = (
        Conjecture(
            "regret",
            "On linear functions with slopes in [−3, 3] the average regret tends to 0.",
            at={"beta": Fraction(1, 10), "alpha": Fraction(9, 10)},
            counterexample=LinearGame(
                slopes=(Fraction(3), Fraction(-1), Fraction(-1)),
                low=Fraction(-1),
                high=Fraction(1),
                start=Fraction(1),
                best=Fraction(-1),
                loss=Fraction(2),
                steps=30,
            ),
            source="Reddi, Kale, Kumar (2018), Theorem 1: C = 3, β = 1/(1 + C²), loss 2C − 4 every 3 steps",
            note="the sequence is chosen after β; for one fixed problem β close to 1 suffices (Zhang et al., 2022)",
        ),
    )
