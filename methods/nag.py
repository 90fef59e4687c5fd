"""Nesterov's accelerated gradient method with constant momentum, for strongly convex functions."""

from __future__ import annotations

from typing import Any, NamedTuple

from certify.assumptions.smooth_strongly_convex import SmoothStronglyConvex
from certify.language import (
    GAP,
    EnergyContraction,
    Goal,
    Method,
    Run,
    inner,
    measure,
    norm2,
    rate,
    root,
    rounded,
    theorem,
)


class State(NamedTuple):
    """x_k and the point y_k where the next gradient is taken."""

    x: Any
    y: Any


def _energy(run: Run, k: int) -> Any:
    (f,) = run.functions
    return run.gap(run.points[k]) + f.mu / 2 * norm2(run.points[k] - run.solution)


ENERGY = measure(
    "gap-and-distance",
    "f({x}) − f⋆ + (μ/2)‖{x} − x⋆‖²",
    _energy,
    latex=r"f({x}) - f^\star + \tfrac\mu2\|{x} - x^\star\|^2",
)


class ConstantMomentum(Method):
    """x_{k+1} = y_k − ∇f(y_k)/L, y_{k+1} = x_{k+1} + ((1 − √q)/(1 + √q))(x_{k+1} − x_k), q = μ/L, from y₀ = x₀.

    The momentum is rounded to 64 bits; bounds are for the rounded method.
    """

    name = "nag"
    title = "Nesterov's method with constant momentum"
    formula = (
        r"x_{k+1} = y_k - \tfrac1L\nabla f(y_k), \quad"
        r" y_{k+1} = x_{k+1} + \tfrac{1 - \sqrt q}{1 + \sqrt q}(x_{k+1} - x_k), \quad q = \tfrac\mu L"
    )
    source = "Nesterov (2004), section 2.2"

    def start(self, x: Any, f: Any) -> State:
        """y₀ = x₀."""
        return State(x, x)

    def step(self, state: State, f: Any) -> State:
        """A gradient step from y, and momentum."""
        s = root(f.mu * f.L) / f.L
        x = state.y - f.gradient(state.y) / f.L
        return State(x, x + rounded((1 - s) / (1 + s)) * (x - state.x))

    def output(self, state: State) -> Any:
        """x_k."""
        return state.x

    @theorem(SmoothStronglyConvex, measure=GAP, source="Nesterov (2004), section 2.2")
    def gap(self, f: Any, before: State, after: State) -> Goal:
        """f(x_N) − f⋆ ≤ (1 − √q)^N (f(x₀) − f⋆ + μ‖x₀ − x⋆‖²/2): f(x) − f⋆ + (μ/2)‖z − x⋆‖² contracts."""
        L, r, star = f.L, root(f.mu * f.L), f.minimizer
        x, y, g = before.x, before.y, f.gradient(before.y)

        def ahead(state: State) -> Any:  # √(μL)(z − x⋆) with z = y + (y − x)/√q
            return (L + r) * state.y - L * state.x - r * star

        def energy(state: State) -> Any:
            return f.value(state.x) - f.minimum + norm2(ahead(state)) / (2 * L)

        return EnergyContraction(
            before=energy(before),
            after=energy(after),
            rate=1 - r / L,
            quantity=f.value(after.x) - f.minimum,
            invariant=lambda state, k: ((r, L),),
            lemmas=(
                (f.value(after.x), f.value(y) - norm2(g) / (2 * L)),
                (f.value(y) + inner(g, x - y), f.value(x)),
                (f.value(y) + inner(g, star - y) + f.mu / 2 * norm2(star - y), f.minimum),
            ),
            squares=(ahead(after),),
        )

    @rate(
        SmoothStronglyConvex,
        measure=GAP,
        initial=ENERGY,
        source="Nesterov (2004), section 2.2; d'Aspremont, Scieur, Taylor (2021), Corollary 4.15",
        at=[{"L": 1, "mu": "1/10", "N": 2}, {"L": 1, "mu": "1/4", "N": 3}],
    )
    def gap_rate(self, f: Any, N: int) -> Any:
        """f(x_N) − f⋆ ≤ (1 − √q)^N (f(x₀) − f⋆ + μR²/2)."""
        return (1 - root(f.mu / f.L)) ** N
