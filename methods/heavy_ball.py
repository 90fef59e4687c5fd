"""The heavy ball method with constant coefficients."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, NamedTuple

from certify.assumptions.pl import PolyakLojasiewicz
from certify.assumptions.quadratic import Quadratic
from certify.assumptions.smooth_convex import SmoothConvex
from certify.assumptions.smooth_strongly_convex import SmoothStronglyConvex
from certify.language import (
    DISTANCE,
    GAP,
    Conjecture,
    EnergyContraction,
    Goal,
    Method,
    NonNegative,
    Positive,
    Telescoping,
    Trap,
    inner,
    norm2,
    rate,
    root,
    theorem,
)


class State(NamedTuple):
    """x_k and x_{k−1}."""

    now: Any
    before: Any


class HeavyBall(Method):
    """x_{k+1} = x_k − γ∇f(x_k) + β(x_k − x_{k−1}), from x₋₁ = x₀."""

    name = "heavy-ball"
    title = "heavy ball method"
    formula = r"x_{k+1} = x_k - \gamma\nabla f(x_k) + \beta(x_k - x_{k-1})"
    source = "Polyak (1964)"
    step_size = Positive("gamma", "step size")
    momentum = NonNegative("beta", "momentum")
    conjectures = (
        Conjecture(
            "polyak-tuning",
            "With γ = 4/(√L + √μ)² and β = ((√L − √μ)/(√L + √μ))², the best for quadratics, x_N → x⋆ from every start.",
            assumptions=(SmoothStronglyConvex,),
            at={"L": Fraction(25), "mu": Fraction(1), "gamma": Fraction(1, 9), "beta": Fraction(4, 9)},
            counterexample=Trap(
                breakpoints=(Fraction(1), Fraction(2)),
                curvatures=(Fraction(25), Fraction(1), Fraction(25)),
                start=Fraction(33, 10),
                cycle=(Fraction(792, 1225), Fraction(-2208, 1225), Fraction(2592, 1225)),
                steps=10,
            ),
            source="Lessard, Recht, Packard (2016), equation (4.11)",
        ),
    )

    def start(self, x: Any, f: Any) -> State:
        """x₋₁ = x₀."""
        return State(x, x)

    def step(self, state: State, f: Any) -> State:
        """A gradient step with momentum."""
        x = state.now - self.step_size * f.gradient(state.now) + self.momentum * (state.now - state.before)
        return State(x, state.now)

    def output(self, state: State) -> Any:
        """x_k."""
        return state.now

    @theorem(SmoothConvex, measure=GAP, source="Ghadimi, Feyzmahdavian, Johansson (2015), Theorem 1")
    def gap(self, f: Any, before: State, after: State) -> Goal:
        """The average gap is at most ((1 − β)R²/(2γ) + β(f(x₀) − f⋆)/(1 − β))/N for γ ≤ (1 − β)/L."""
        γ, β = self.step_size, self.momentum
        c = β / (1 - β)

        def left(state: State) -> Any:
            x, old = state
            return norm2(x + c * (x - old) - f.minimizer) + 2 * γ * c / (1 - β) * (f.value(old) - f.minimum)

        return Telescoping(
            quantities=(f.value(before.now) - f.minimum,),
            weights=(2 * γ / (1 - β),),
            before=left(before),
            after=left(after),
            given=(β < 1, γ * f.L <= 1 - β),
        )

    @theorem(
        PolyakLojasiewicz,
        measure=GAP,
        source="for strongly convex f Ghadimi, Feyzmahdavian, Johansson (2015), Theorem 4",
    )
    def gap_pl(self, f: Any, before: State, after: State) -> Goal:
        """f(x_N) − f⋆ ≤ (1 − γμ)^N (f(x₀) − f⋆) for γ ≤ 1/L and β² ≤ (1 − γμ)(1 − γL)."""
        γ, β = self.step_size, self.momentum
        g, move = f.gradient(before.now), after.now - before.now

        def energy(state: State) -> Any:
            return f.value(state.now) - f.minimum + (1 - γ * f.L) / (2 * γ) * norm2(state.now - state.before)

        return EnergyContraction(
            before=energy(before),
            after=energy(after),
            rate=1 - γ * f.mu,
            quantity=f.value(after.now) - f.minimum,
            given=(γ * f.L <= 1, β**2 <= (1 - γ * f.mu) * (1 - γ * f.L)),
            lemmas=(
                (f.value(after.now), f.value(before.now) + inner(g, move) + f.L / 2 * norm2(move)),
                (2 * f.mu * (f.value(before.now) - f.minimum), norm2(g)),
            ),
            squares=(before.now - before.before, move),
        )

    @rate(
        SmoothStronglyConvex,
        measure=GAP,
        initial=GAP,
        source="Ghadimi, Feyzmahdavian, Johansson (2015), Theorem 4",
        holds=lambda self, f, N: (
            self.step_size * f.L <= 1,
            self.momentum**2 == (1 - self.step_size * f.mu) * (1 - self.step_size * f.L),
        ),
        at=[
            {"L": 1, "mu": "2/9", "gamma": "1/2", "beta": "2/3", "N": 2},
            {"L": 1, "mu": "1/4", "gamma": "4/5", "beta": "2/5", "N": 3},
        ],
    )
    def gap_rate(self, f: Any, N: int) -> Any:
        """f(x_N) − f⋆ ≤ (1 − γμ)^N (f(x₀) − f⋆) for γ ≤ 1/L and β² = (1 − γμ)(1 − γL)."""
        return (1 - self.step_size * f.mu) ** N

    @rate(
        Quadratic,
        measure=DISTANCE,
        initial=DISTANCE,
        tight=True,
        source="Polyak (1964); constant: the iterates are polynomials in H, largest at the eigenvalue L",
        holds=lambda self, f, N: (
            self.step_size == 4 / (root(f.L) + root(f.mu)) ** 2,
            self.momentum == ((root(f.L) - root(f.mu)) / (root(f.L) + root(f.mu))) ** 2,
        ),
        at=[
            {"L": 1, "mu": "1/4", "gamma": "16/9", "beta": "1/9", "N": 2},
            {"L": 1, "mu": "1/9", "gamma": "9/4", "beta": "1/4", "N": 3},
        ],
    )
    def distance_rate_quadratic(self, f: Any, N: int) -> Any:
        """‖x_N − x⋆‖² ≤ (1 + N(1 + r))² r²ᴺ R², r = (√κ − 1)/(√κ + 1), for γ = 4/(√L + √μ)² and β = r²."""
        r = (root(f.L) - root(f.mu)) / (root(f.L) + root(f.mu))
        return (1 + N * (1 + r)) ** 2 * r ** (2 * N)
