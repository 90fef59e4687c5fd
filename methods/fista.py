"""FISTA: the accelerated proximal gradient method, in the indexing of its source."""

from __future__ import annotations

from typing import Any, NamedTuple

from certify.assumptions.convex import Convex
from certify.assumptions.smooth_convex import SmoothConvex
from certify.language import DISTANCE, GAP, Energy, Goal, Method, Positive, norm2, rate, root, theorem

BECK = "Beck, Teboulle (2009), Theorem 4.4"


class State(NamedTuple):
    """x_k, y_{k+1} and t_{k+1}."""

    x: Any
    y: Any
    t: Any


class Fista(Method):
    """x_k = prox_{γh}(y_k − γ ∇f(y_k)), y_{k+1} = x_k + (t_k − 1)/t_{k+1} (x_k − x_{k−1}), y₁ = x₀.

    t₁ = 1 and t_{k+1} = (1 + √(1 + 4 t_k²))/2, rounded to rational numbers: what is certified holds for the method with
    these coefficients.
    """

    name = "fista"
    title = "FISTA"
    formula = (
        r"x_k = \mathrm{prox}_{\gamma h}(y_k - \gamma\,\nabla f(y_k)),\quad"
        r" y_{k+1} = x_k + \tfrac{t_k - 1}{t_{k+1}}(x_k - x_{k-1}),"
        r"\quad t_{k+1} = \tfrac12\bigl(1 + \sqrt{1 + 4t_k^2}\bigr)"
    )
    source = "Beck, Teboulle (2009)"
    functions = ("f", "h")
    step_size = Positive("gamma", "step size")

    def start(self, x: Any, f: Any, h: Any) -> State:
        """x₀, y₁ = x₀ and t₁ = 1."""
        return State(x, x, 1)

    def step(self, state: State, f: Any, h: Any) -> State:
        """A proximal gradient step from y, then momentum."""
        x = h.prox(state.y - self.step_size * f.gradient(state.y), self.step_size)
        t = following(state.t)
        return State(x, x + (state.t - 1) / t * (x - state.x), t)

    def output(self, state: State) -> Any:
        """x_k."""
        return state.x

    @theorem(SmoothConvex, Convex, measure=GAP, indexed=True, source=BECK)
    def gap(self, f: Any, h: Any, before: State, after: State, *, k: Any, m: Any) -> Goal:
        """F(x_N) − F⋆ ≤ 2‖x₀ − x⋆‖²/(γ(N + 1)²) for γ ≤ 1/L: 2γ t_k²(F(x_k) − F⋆) + ‖z_k − x⋆‖² does not increase."""
        γ, F = self.step_size, f + h
        lowest = F.value(F.minimizer)

        def ahead(s: State) -> Any:
            return s.t * s.y - (s.t - 1) * s.x - F.minimizer

        def energy(s: State) -> Any:
            return 2 * γ * (s.t**2 - s.t) * (F.value(s.x) - lowest) + norm2(ahead(s))

        def step(z: Any) -> Any:
            return 2 * γ * (F.value(after.x) - F.value(z)), norm2(before.y - z) - norm2(after.x - z)

        return Energy(
            before=energy(before),
            after=energy(after),
            quantity=F.value(after.x) - lowest,
            clock=k,
            scale=lambda N: γ * (N + 1) ** 2 / 2,
            invariant=lambda s, k: ((1, s.t), (k + 2, 2 * s.t)),
            given=(1 / γ >= f.L,),
            lemmas=(
                step(before.x),
                step(F.minimizer),
                (lowest, F.value(after.x)),
                ((k + 2) ** 2, 4 * (after.t**2 - after.t)),
            ),
            squares=(ahead(after),),
        )

    @rate(
        SmoothConvex,
        Convex,
        measure=GAP,
        initial=DISTANCE,
        source=BECK,
        holds=lambda self, f, h, N: self.step_size * f.L <= 1,
        at=[{"f.L": 1, "gamma": 1, "N": 2}, {"f.L": 2, "gamma": "1/2", "N": 4}],
    )
    def gap_rate(self, f: Any, h: Any, N: int) -> Any:
        """F(x_N) − F⋆ ≤ 2R²/(γ(N + 1)²) for γ ≤ 1/L."""
        return 2 / (self.step_size * (N + 1) ** 2)

    @rate(
        SmoothConvex,
        Convex,
        measure=GAP,
        initial=DISTANCE,
        source=BECK + ", before t_N is bounded",
        holds=lambda self, f, h, N: self.step_size * f.L <= 1,
        at=[{"f.L": 1, "gamma": 1, "N": 1}, {"f.L": 1, "gamma": 1, "N": 3}],
    )
    def gap_rate_sequence(self, f: Any, h: Any, N: int) -> Any:
        """F(x_N) − F⋆ ≤ R²/(2γ t_N²) for γ ≤ 1/L."""
        t = 1
        for _ in range(N - 1):
            t = following(t)
        return 1 / (2 * self.step_size * t**2)


def following(t: Any) -> Any:
    """t_{k+1} = (1 + √(1 + 4 t_k²))/2."""
    return (1 + root(1 + 4 * t**2)) / 2
