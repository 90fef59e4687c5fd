"""NoLips: the Bregman proximal gradient method for relatively smooth functions."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from certify.assumptions.convex import Convex
from certify.language import Measure, Method, Positive, Run, best, inner, measure, rate


def reference(run: Run) -> Any:
    """h = (f + d)/L."""
    return (run.role("f") + run.role("d")) / run.method.values["L"]


def divergence(h: Any, x: Any, y: Any) -> Any:
    """D_h(x, y) = h(x) − h(y) − ⟨∇h(y), x − y⟩."""
    return h.value(x) - h.value(y) - inner(h.gradient(y), x - y)


def _start(run: Run, k: int) -> Any:
    return divergence(reference(run), run.solution, run.points[k])


def _step(run: Run, k: int) -> Any:
    return divergence(reference(run), run.points[k - 1], run.points[k])


def _gap(run: Run, k: int) -> Any:
    F = run.role("f") + run.role("c")
    return F.value(run.points[k]) - F.value(run.solution)


DIVERGENCE: Measure = measure("bregman", "D_h(x⋆, {x})", _start)
STEP: Measure = measure("bregman-step", "D_h(x_{k−1}, x_k)", _step)
COMPOSITE_GAP: Measure = measure("composite-gap", "F({x}) − F⋆, F = f + c", _gap)


class NoLips(Method):
    """x⁺ = argmin_z c(z) + ⟨∇f(x), z⟩ + D_h(z, x)/γ, where L h = f + d: f is L-smooth relative to h if d is convex."""

    name = "nolips"
    title = "NoLips (Bregman proximal gradient)"
    formula = (
        r"x^+ = \arg\min_z\, c(z) + \langle\nabla f(x), z\rangle + \tfrac1\gamma D_h(z, x),\quad h = \tfrac1L(f + d)"
    )
    source = "Bauschke, Bolte, Teboulle (2017)"
    functions = ("f", "d", "c")
    step_size = Positive("gamma", "step size")
    smoothness = Positive("L", "relative smoothness of f")

    def step(self, x: Any, f: Any, d: Any, c: Any) -> Any:
        """A Bregman proximal step on c and the tangent of f."""
        h = (f + d) / self.smoothness
        return (h + self.step_size * c).shifted_minimizer(h.gradient(x) - self.step_size * f.gradient(x))

    def solution(self, f: Any, d: Any, c: Any) -> Any:
        """A minimiser of f + c."""
        return (f + c).minimizer

    @rate(
        Convex,
        Convex,
        Convex,
        measure=COMPOSITE_GAP,
        initial=DIVERGENCE,
        tight=True,
        source="Bauschke, Bolte, Teboulle (2017); Dragomir, Taylor, d'Aspremont, Bolte (2022), Theorem 1",
        holds=lambda self, f, d, c, N: self.step_size * self.smoothness <= 1,
        at=[{"L": 1, "gamma": 1, "N": 1}, {"L": 2, "gamma": "1/4", "N": 2}, {"L": 1, "gamma": 1, "N": 3}],
    )
    def gap_rate(self, f: Any, d: Any, c: Any, N: int) -> Any:
        """F(x_N) − F⋆ ≤ D_h(x⋆, x₀)/(γN) for γ ≤ 1/L."""
        return 1 / (self.step_size * N)

    @rate(
        Convex,
        Convex,
        Convex,
        measure=best(STEP, first=1),
        initial=DIVERGENCE,
        tight=True,
        source="Dragomir, Taylor, d'Aspremont, Bolte (2022), Proposition 4",
        holds=lambda self, f, d, c, N: (self.step_size * self.smoothness <= 1, N >= 2),
        at=[{"L": 1, "gamma": 1, "N": 2}, {"L": 2, "gamma": "1/2", "N": 3}],
    )
    def step_rate(self, f: Any, d: Any, c: Any, N: int) -> Any:
        """min D_h(x_{k−1}, x_k) ≤ 2 D_h(x⋆, x₀)/(N(N − 1)) over 1 ≤ k ≤ N, for γ ≤ 1/L and N ≥ 2."""
        return Fraction(2, N * (N - 1))
