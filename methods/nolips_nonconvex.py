"""NoLips for functions that are smooth relative to a reference, without convexity."""

from __future__ import annotations

from typing import Any

from certify.assumptions.convex import Convex
from certify.language import Measure, Method, Positive, Run, best, measure, rate
from certify.methods.nolips import divergence

BOLTE = "Bolte, Sabach, Teboulle, Vaisbourd (2018)"


def _reference(run: Run) -> Any:
    return (run.role("a") + run.role("b")) / (2 * run.method.values["L"])


def _forward(run: Run, k: int) -> Any:
    return divergence(_reference(run), run.points[k], run.points[k - 1])


def _backward(run: Run, k: int) -> Any:
    return divergence(_reference(run), run.points[k - 1], run.points[k])


def _decrease(run: Run, k: int) -> Any:
    a, b, c = run.functions
    F = (b - a) / 2 + c
    return F.value(run.points[k]) - F.value(run.points[run.steps])


FORWARD: Measure = measure("bregman-step", "D_h(x_k, x_{k−1})", _forward)
BACKWARD: Measure = measure("bregman-step-reversed", "D_h(x_{k−1}, x_k)", _backward)
DECREASE: Measure = measure("decrease", "F({x}) − F(x_N), F = f + c", _decrease)


class NonconvexNoLips(Method):
    """x⁺ = argmin_z c(z) + ⟨∇f(x), z⟩ + D_h(z, x)/γ, where a = L h − f and b = L h + f are convex."""

    name = "nolips-nonconvex"
    title = "NoLips without convexity"
    formula = (
        r"x^+ = \arg\min_z\, c(z) + \langle\nabla f(x), z\rangle + \tfrac1\gamma D_h(z, x),"
        r"\quad f = \tfrac12(b - a),\ h = \tfrac{1}{2L}(a + b)"
    )
    source = BOLTE
    functions = ("a", "b", "c")
    step_size = Positive("gamma", "step size")
    smoothness = Positive("L", "relative smoothness of f")

    def step(self, x: Any, a: Any, b: Any, c: Any) -> Any:
        """A Bregman proximal step on c and the tangent of f."""
        f, h = (b - a) / 2, (a + b) / (2 * self.smoothness)
        return (h + self.step_size * c).shifted_minimizer(h.gradient(x) - self.step_size * f.gradient(x))

    def start(self, x: Any, a: Any, b: Any, c: Any) -> Any:
        """The start lies in the domain of c."""
        c.value(x)
        return x

    def solution(self, a: Any, b: Any, c: Any) -> Any:
        """Any point at all: no rate here is about a solution."""
        return a.minimizer

    @rate(
        Convex,
        Convex,
        Convex,
        measure=best(FORWARD, first=1),
        initial=DECREASE,
        tight=True,
        source=BOLTE + ", Proposition 4.1",
        holds=lambda self, a, b, c, N: self.step_size * self.smoothness < 1,
        at=[{"L": 1, "gamma": "1/2", "N": 1}, {"L": 1, "gamma": "1/2", "N": 3}, {"L": 2, "gamma": "1/8", "N": 2}],
    )
    def step_rate(self, a: Any, b: Any, c: Any, N: int) -> Any:
        """min D_h(x_k, x_{k−1}) ≤ γ(F(x₀) − F(x_N))/(N(1 − γL)) for γ < 1/L."""
        return self.step_size / (N * (1 - self.smoothness * self.step_size))

    @rate(
        Convex,
        Convex,
        Convex,
        measure=best(BACKWARD, first=1),
        initial=DECREASE,
        tight=True,
        source="observed in the worst cases themselves",
        holds=lambda self, a, b, c, N: self.step_size * self.smoothness <= 1,
        at=[{"L": 1, "gamma": 1, "N": 1}, {"L": 1, "gamma": "1/2", "N": 3}],
    )
    def reversed_step_rate(self, a: Any, b: Any, c: Any, N: int) -> Any:
        """min D_h(x_{k−1}, x_k) ≤ γ(F(x₀) − F(x_N))/N for γ ≤ 1/L."""
        return self.step_size / N
