"""AuON: normalised momentum, rescaled with the root mean square of its hyperbolic cosine."""

from __future__ import annotations

from typing import Any, NamedTuple

from certify.language import Conjecture, Method, Positive, Share, inner, norm, root
from certify.language.functions import cosh


class State(NamedTuple):
    """x_k and the momentum m_k."""

    x: Any
    m: Any


class AuON(Method):
    """m⁺ = βm + (1 − β)∇f(x), u = m⁺/‖m⁺‖, x⁺ = x − α u/√(mean of cosh²(uᵢ)); a factor for a matrix's shape is in α."""

    name = "auon"
    title = "AuON"
    formula = (
        r"m^+ = \beta m + (1 - \beta)\nabla f(x), \quad u = \frac{m^+}{\|m^+\|}, \quad "
        r"x^+ = x - \alpha\,\frac{u}{\sqrt{\tfrac1d\sum_i \cosh^2 u_i}}"
    )
    source = "Maity (2025)"
    step_size = Positive("alpha", "step size")
    momentum = Share("beta", "weight of the past in the momentum", strict=False)

    def start(self, x: Any, f: Any) -> State:
        """No gradient was seen."""
        return State(x, 0 * x)

    def step(self, state: State, f: Any) -> State:
        """A step along the momentum, whose length hardly depends on it."""
        m = self.momentum * state.m + (1 - self.momentum) * f.gradient(state.x)
        u = m / norm(m)
        c, ones = cosh(u), 1 + 0 * u
        return State(state.x - self.step_size * u / root(inner(c, c) / inner(ones, ones)), m)

    def output(self, state: State) -> Any:
        """x_k."""
        return state.x

    conjectures = (
        Conjecture(
            "convergence",
            "The least ‖∇f‖ is at most of the order of α for smooth functions.",
            source="Maity (2025) for the method",
            note="no rate found",
        ),
    )
