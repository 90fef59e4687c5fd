"""The fast gradient method with the momentum of FISTA."""

from __future__ import annotations

from typing import Any, NamedTuple

from certify.assumptions.smooth_convex import SmoothConvex
from certify.language import DISTANCE, GAP, Energy, Goal, Method, Run, measure, norm2, rate, root, rounded, theorem

BECK = "Nesterov (1983); Beck, Teboulle (2009), Theorem 4.4"
SMALL = ({"L": 1, "N": 1}, {"L": 1, "N": 4}, {"L": "1/2", "N": 2})


class State(NamedTuple):
    """x_k, the point y_k where the next gradient is taken, and t_{k+1}."""

    x: Any
    y: Any
    t: Any


def longer(t: Any) -> Any:
    """t_{k+1} = (1 + √(1 + 4t_k²))/2."""
    return rounded((1 + root(1 + 4 * t**2)) / 2)


def inertia(N: int, t: Any = 1) -> Any:
    """The number after t that N − 1 applications of `longer` give: t_N for t_1 = 1."""
    for _ in range(N - 1):
        t = longer(t)
    return t


def _gap_ahead(run: Run, k: int) -> Any:
    return run.gap(run.states[k].y)


GAP_AHEAD = measure("gap-ahead", "f(y_N) − f⋆", _gap_ahead, latex=r"f(y_N) - f^\star")


class FastGradient(Method):
    """x_{k+1} = y_k − ∇f(y_k)/L, y_{k+1} = x_{k+1} + ((t_{k+1} − 1)/t_{k+2})(x_{k+1} − x_k), from y₀ = x₀ and t₁ = 1.

    t_{k+1} = (1 + √(1 + 4t_k²))/2, so the first step has no momentum. The momentum is rounded to 64 bits; bounds are
    for the rounded method.
    """

    name = "fgm"
    title = "fast gradient method"
    formula = (
        r"x_{k+1} = y_k - \tfrac1L\nabla f(y_k), \quad"
        r" y_{k+1} = x_{k+1} + \tfrac{t_{k+1} - 1}{t_{k+2}}(x_{k+1} - x_k), \quad"
        r" t_1 = 1,\ t_{k+1} = \tfrac{1 + \sqrt{1 + 4t_k^2}}{2}"
    )
    source = "Nesterov (1983); Beck, Teboulle (2009)"

    def start(self, x: Any, f: Any) -> State:
        """y₀ = x₀, t₁ = 1."""
        return State(x, x, 1)

    def step(self, state: State, f: Any) -> State:
        """A gradient step from y, and momentum."""
        t = longer(state.t)
        x = state.y - f.gradient(state.y) / f.L
        return State(x, x + rounded((state.t - 1) / t) * (x - state.x), t)

    def output(self, state: State) -> Any:
        """x_k."""
        return state.x

    @theorem(SmoothConvex, measure=GAP, indexed=True, source=BECK)
    def gap(self, f: Any, before: State, after: State, *, k: Any, m: Any) -> Goal:
        """f(x_N) − f⋆ ≤ 2L‖x₀ − x⋆‖²/(N + 1)²: (2/L) t_k²(f(x_k) − f⋆) + ‖z_k − x⋆‖² does not increase."""

        def ahead(s: State) -> Any:
            return s.t * s.y - (s.t - 1) * s.x - f.minimizer

        def energy(s: State) -> Any:
            return 2 / f.L * (s.t**2 - s.t) * (f.value(s.x) - f.minimum) + norm2(ahead(s))

        return Energy(
            before=energy(before),
            after=energy(after),
            quantity=f.value(after.x) - f.minimum,
            clock=k,
            scale=lambda N: (N + 1) ** 2 / (2 * f.L),
            invariant=lambda s, k: ((1, s.t), (k + 2, 2 * s.t)),
            lemmas=(((k + 2) ** 2, 4 * (after.t**2 - after.t)),),
            squares=(ahead(after),),
        )

    @rate(SmoothConvex, measure=GAP, initial=DISTANCE, source=BECK, at=SMALL)
    def gap_rate(self, f: Any, N: int) -> Any:
        """f(x_N) − f⋆ ≤ L R²/(2t_N²)."""
        return f.L / (2 * inertia(N) ** 2)

    @rate(SmoothConvex, measure=GAP, initial=DISTANCE, source=BECK, at=SMALL)
    def gap_rate_textbook(self, f: Any, N: int) -> Any:
        """f(x_N) − f⋆ ≤ 2L R²/(N + 1)²."""
        return 2 * f.L / (N + 1) ** 2

    @rate(SmoothConvex, measure=GAP_AHEAD, initial=DISTANCE, source="Kim, Fessler (2016)", at=SMALL)
    def gap_rate_ahead(self, f: Any, N: int) -> Any:
        """f(y_N) − f⋆ ≤ L R²/(2t_{N+1}²) for the points where the gradients are taken."""
        return f.L / (2 * inertia(N + 1) ** 2)
