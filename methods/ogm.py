"""The optimised gradient method."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, NamedTuple

from certify.assumptions.smooth_convex import SmoothConvex
from certify.language import DISTANCE, GAP, Energy, Goal, Method, norm2, rate, root, rounded, theorem

SMALL = ({"L": 1, "N": 1}, {"L": 1, "N": 2}, {"L": "1/2", "N": 4})
KIM = "Kim, Fessler (2016), Theorem 2"


class State(NamedTuple):
    """The output after k steps, the point y_{k−1} of the last gradient, z_k and θ_k."""

    end: Any
    y: Any
    z: Any
    θ: Any


def longer(θ: Any) -> Any:
    """θ_{k+1} = (1 + √(1 + 4θ_k²))/2."""
    return rounded((1 + root(1 + 4 * θ**2)) / 2)


def longest(θ: Any) -> Any:
    """The factor of the output, (1 + √(1 + 8θ_k²))/2."""
    return rounded((1 + root(1 + 8 * θ**2)) / 2)


def inertia(N: int) -> list[Any]:
    """θ_0, …, θ_N: θ_0 = 1, θ_k = (1 + √(1 + 4θ_{k−1}²))/2, and in the end θ_N = (1 + √(1 + 8θ_{N−1}²))/2."""
    θ: list[Any] = [1]
    for k in range(1, N + 1):
        θ.append(longest(θ[-1]) if k == N else longer(θ[-1]))
    return θ


class OptimizedGradient(Method):
    """x_{k+1} = y_k − ∇f(y_k)/L, z_{k+1} = z_k − (2θ_k/L)∇f(y_k), with y_k = (1 − 1/θ_k)x_k + z_k/θ_k.

    From z₀ = x₀ and θ₀ = 1, θ_{k+1} = (1 + √(1 + 4θ_k²))/2. The output y_N has θ_N = (1 + √(1 + 8θ_{N−1}²))/2 in place
    of that. No method that uses N gradients has a better worst case of f(y_N) − f⋆ in high dimension (Drori, 2017).
    The factors are rounded to 64 bits; N-step bounds are for the rounded method.
    """

    name = "ogm"
    title = "optimised gradient method"
    formula = (
        r"y_k = \bigl(1 - \tfrac1{\theta_k}\bigr)x_k + \tfrac1{\theta_k}z_k, \quad"
        r" x_{k+1} = y_k - \tfrac1L\nabla f(y_k), \quad z_{k+1} = z_k - \tfrac{2\theta_k}L\nabla f(y_k)"
    )
    source = "Drori, Teboulle (2014); Kim, Fessler (2016)"

    def start(self, x: Any, f: Any) -> State:
        """z₀ = x₀, θ₀ = 1."""
        return State(x, x, x, 1)

    def step(self, state: State, f: Any) -> State:
        """Gradient steps from y and from z."""
        y = self.mixed(state.y, state.z, state.θ, f)
        z = state.z - 2 * state.θ / f.L * f.gradient(y)
        return State(self.mixed(y, z, longest(state.θ), f), y, z, longer(state.θ))

    def mixed(self, y: Any, z: Any, θ: Any, f: Any) -> Any:
        """(1 − 1/θ)x + z/θ with x = y − ∇f(y)/L, where y is the point of the last gradient."""
        x = y - f.gradient(y) / f.L
        return x + rounded(Fraction(1) / θ) * (z - x)

    def output(self, state: State) -> Any:
        """y_k with the last factor."""
        return state.end

    @theorem(SmoothConvex, measure=GAP, indexed=True, source=KIM)
    def gap(self, f: Any, before: State, after: State, *, k: Any, m: Any) -> Goal:
        """f(y_N) − f⋆ ≤ 2L‖x₀ − x⋆‖²/(1 + √(3 + 4N + 2N²))².

        This is at most L‖x₀ − x⋆‖²/((N + 1)(N + 1 + √2)).
        2θ_{k−1}²(f(y_{k−1}) − ‖∇f(y_{k−1})‖²/(2L) − f⋆) + (L/2)‖z_k − x⋆‖² does not increase.
        """
        last = longest(before.θ)

        def least(N: Any) -> Any:  # θ_N is not smaller
            return (1 + root(1 + 2 * (N + 1) ** 2)) / 2

        def energy(s: State) -> Any:
            lower = f.value(s.y) - norm2(f.gradient(s.y)) / (2 * f.L) - f.minimum
            return 2 * (s.θ**2 - s.θ) * lower + f.L / 2 * norm2(s.z - f.minimizer)

        quantity = f.value(after.end) - f.minimum
        return Energy(
            before=energy(before),
            after=energy(after),
            quantity=quantity,
            clock=k,
            scale=lambda N: least(N) ** 2,
            invariant=lambda s, k: ((1, s.θ), (k + 2, 2 * s.θ)),
            lemmas=(
                (least(k + 1), last),
                (least(k + 1) ** 2, last**2),
                (last**2 * quantity, energy(after)),
                (0 * k, quantity),
            ),
            squares=(after.z - last / f.L * f.gradient(after.end) - f.minimizer,),
        )

    @rate(
        SmoothConvex,
        measure=GAP,
        initial=DISTANCE,
        tight=True,
        source="Kim, Fessler (2016), Theorem 2; tight: Drori (2017), Theorem 3",
        at=SMALL,
    )
    def gap_rate(self, f: Any, N: int) -> Any:
        """f(y_N) − f⋆ ≤ L R²/(2θ_N²)."""
        return f.L / (2 * inertia(N)[N] ** 2)

    @rate(SmoothConvex, measure=GAP, initial=DISTANCE, source=KIM, at=SMALL)
    def gap_rate_textbook(self, f: Any, N: int) -> Any:
        """f(y_N) − f⋆ ≤ L R²/((N + 1)(N + 1 + √2))."""
        return f.L / ((N + 1) * (N + 1 + root(2)))
