"""Douglas–Rachford splitting for the sum of two operators, or of two functions."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from certify.assumptions.cocoercive import Cocoercive
from certify.assumptions.cocoercive_strongly_monotone import CocoerciveStronglyMonotone
from certify.assumptions.convex import Convex
from certify.assumptions.lipschitz_monotone import LipschitzMonotone
from certify.assumptions.lipschitz_strongly_monotone import LipschitzStronglyMonotone
from certify.assumptions.monotone import Monotone
from certify.assumptions.smooth_strongly_convex import SmoothStronglyConvex
from certify.assumptions.strongly_monotone import StronglyMonotone
from certify.language import DISTANCE, STEP, Goal, Method, Positive, Telescoping, norm2, rate, root, theorem
from certify.language import Monotone as Never

GISELSSON_BOYD = "Giselsson, Boyd (2017), Theorem 2"
GISELSSON = "Giselsson (2017)"
RYU = "Ryu, Taylor, Bergeling, Giselsson (2020), Theorem"


def backward(A: Any, x: Any, step: Any) -> Any:
    """J_{γA}(x), which for the subdifferential of a function is prox_{γf}(x)."""
    return A.prox(x, step) if hasattr(type(A), "prox") else A.resolvent(x, step)


def element(A: Any, x: Any) -> Any:
    """An element of A(x), or of ∂f(x)."""
    return A.subgradient(x) if hasattr(type(A), "subgradient") else A(x)


def root_of(A: Any, *others: Any) -> Any:
    """A zero of a sum of operators, or a minimiser of a sum of functions."""
    for other in others:
        A = A + other
    return A.minimizer if hasattr(type(A), "minimizer") else A.zero


class DouglasRachford(Method):
    """x = J_{γB}(w), y = J_{γA}(2x − w), w⁺ = w + θ(y − x)."""

    name = "douglas-rachford"
    title = "Douglas–Rachford splitting"
    formula = r"x = J_{\gamma B}(w),\quad y = J_{\gamma A}(2x - w),\quad w^+ = w + \theta(y - x)"
    source = "Lions, Mercier (1979)"
    functions = ("A", "B")
    starts = ("w",)
    step_size = Positive("gamma", "step size")
    relaxation = Positive("theta", "relaxation")

    def step(self, w: Any, A: Any, B: Any) -> Any:
        """Two resolvent steps and relaxation."""
        x = backward(B, w, self.step_size)
        y = backward(A, 2 * x - w, self.step_size)
        return w + self.relaxation * (y - x)

    def solution(self, A: Any, B: Any) -> Any:
        """The fixed point w⋆ = x⋆ + γ B(x⋆) with 0 ∈ A(x⋆) + B(x⋆)."""
        x = root_of(A, B)
        return x + self.step_size * element(B, x)

    @theorem(Monotone, Monotone, measure=STEP, steps=2, source="folklore, see Eckstein, Bertsekas (1992)")
    def step_length(self, A: Any, B: Any, w: Any, y: Any, z: Any) -> Goal:
        """‖w_N − w_{N−1}‖² ≤ θ‖w₀ − w⋆‖²/((2 − θ)N) for θ < 2: steps never grow, and their squares add up."""
        s, θ = self.solution(A, B), self.relaxation
        return Telescoping(
            quantities=(norm2(y - w),),
            weights=((2 - θ) / θ,),
            before=norm2(w - s),
            after=norm2(y - s),
            last=True,
            support=((norm2(z - y), norm2(y - w)),),
            given=(θ < 2,),
        )

    @theorem(Monotone, Monotone, measure=DISTANCE, source="Lions, Mercier (1979); Eckstein, Bertsekas (1992)")
    def distance(self, A: Any, B: Any, w: Any, y: Any) -> Goal:
        """‖w⁺ − w⋆‖ ≤ ‖w − w⋆‖ for θ ≤ 2."""
        s = self.solution(A, B)
        return Never(before=norm2(w - s), after=norm2(y - s), given=(self.relaxation <= 2,))

    @rate(
        Monotone,
        Monotone,
        measure=STEP,
        initial=DISTANCE,
        tight=True,
        source="Gu, Yang (2020), for the equivalent proximal point method of Eckstein, Bertsekas (1992)",
        holds=lambda self, A, B, N: self.relaxation == 1,
        at=[{"gamma": 1, "theta": 1, "N": 1}, {"gamma": 2, "theta": 1, "N": 3}],
    )
    def step_rate(self, A: Any, B: Any, N: int) -> Any:
        """‖w_N − w_{N−1}‖² ≤ (1 − 1/N)^{N−1} R²/N for θ = 1."""
        return Fraction(N - 1, N) ** (N - 1) / N

    @rate(
        SmoothStronglyConvex,
        Convex,
        measure=DISTANCE,
        initial=DISTANCE,
        tight=True,
        source=GISELSSON_BOYD,
        holds=lambda self, A, B, N: self.relaxation * (1 + self._reflection(A)) < 4,
        at=[
            {"A.L": 1, "A.mu": "1/10", "gamma": 1, "theta": 1, "N": 1},
            {"A.L": 2, "A.mu": "1/2", "gamma": "1/2", "theta": "3/2", "N": 1},
            {"A.L": 1, "A.mu": "1/10", "gamma": 3, "theta": 2, "N": 2},
            {"A.L": 1, "A.mu": "1/10", "gamma": 3, "theta": "5/2", "N": 1},
        ],
    )
    def distance_rate(self, A: Any, B: Any, N: int) -> Any:
        """‖w_N − w⋆‖² ≤ ρ^N R² with ρ = (|1 − θ/2| + δ θ/2)², δ = max{(γL − 1)/(γL + 1), (1 − γμ)/(1 + γμ)}."""
        return self._averaged(self._reflection(A)) ** N

    @rate(
        Monotone,
        LipschitzStronglyMonotone,
        measure=DISTANCE,
        initial=DISTANCE,
        tight=True,
        source=GISELSSON,
        holds=lambda self, A, B, N: B.mu <= B.L,
        at=[
            {"B.mu": "1/2", "B.L": 1, "gamma": 1, "theta": 1, "N": 1},
            {"B.mu": 1, "B.L": 2, "gamma": "1/2", "theta": "3/2", "N": 1},
            {"B.mu": 1, "B.L": 2, "gamma": "1/3", "theta": "9/4", "N": 1},
        ],
    )
    def distance_rate_lipschitz(self, A: Any, B: Any, N: int) -> Any:
        """‖w_N − w⋆‖² ≤ ρ^N R² with ρ = (|1 − θ/2| + δ θ/2)², δ² = 1 − 4γμ/(1 + 2γμ + γ²L²)."""
        m = self.step_size * B.mu
        return self._averaged(root(1 - 4 * m / (1 + 2 * m + (self.step_size * B.L) ** 2))) ** N

    @rate(
        Monotone,
        CocoerciveStronglyMonotone,
        measure=DISTANCE,
        initial=DISTANCE,
        tight=True,
        source=GISELSSON,
        holds=lambda self, A, B, N: B.mu * B.beta <= 1,
        at=[
            {"B.mu": "1/2", "B.beta": 1, "gamma": 1, "theta": 1, "N": 1},
            {"B.mu": 1, "B.beta": "1/2", "gamma": "1/2", "theta": "3/2", "N": 1},
            {"B.mu": 1, "B.beta": "1/3", "gamma": "1/3", "theta": "9/4", "N": 1},
        ],
    )
    def distance_rate_cocoercive(self, A: Any, B: Any, N: int) -> Any:
        """‖w_N − w⋆‖² ≤ ρ^N R² with ρ = (|1 − θ/2| + δ θ/2)², δ² = 1 − 4γμ/(1 + 2γμ + γ²μ/β)."""
        m = self.step_size * B.mu
        return self._averaged(root(1 - 4 * m / (1 + 2 * m + self.step_size * m / B.beta))) ** N

    @rate(
        Cocoercive,
        StronglyMonotone,
        measure=DISTANCE,
        initial=DISTANCE,
        tight=True,
        source=RYU + " 4.1",
        holds=lambda self, A, B, N: self.relaxation < 2,
        at=[
            {"A.beta": 1, "B.mu": 1, "gamma": 1, "theta": 1, "N": 1},
            {"A.beta": 1, "B.mu": 1, "gamma": 1, "theta": "6/5", "N": 1},
            {"A.beta": 1, "B.mu": 1, "gamma": 1, "theta": "199/100", "N": 1},
            {"A.beta": "1/10", "B.mu": 2, "gamma": 1, "theta": 1, "N": 1},
            {"A.beta": 4, "B.mu": 3, "gamma": 1, "theta": 1, "N": 1},
            {"A.beta": 2, "B.mu": "1/10", "gamma": 1, "theta": 1, "N": 1},
            {"A.beta": "1/2", "B.mu": "1/2", "gamma": 1, "theta": "6/5", "N": 1},
        ],
    )
    def distance_rate_cocoercive_strongly(self, A: Any, B: Any, N: int) -> Any:
        """‖w_N − w⋆‖² ≤ ρ^N R² for θ < 2, with m = γμ, b = β/γ and the first regime that applies.

        (a) ρ = (1 − θ b/(b + 1))² if mb − m + b < 0 and θ ≤ 2(b + 1)(m − b − mb)/(m + mb − b − b² − 2mb²);
        (b) ρ = (1 − θ (1 + mb)/((m + 1)(b + 1)))² if mb − m − b > 0 and
        θ ≤ 2(m² + b² + mb + m + b − m²b²)/(m² + b² + m²b + mb² + m + b − 2m²b²);
        (c) ρ = (1 − θ)² if θ ≥ 2(mb + m + b)/(2mb + m + b);
        (d) ρ = (1 − θ m/(m + 1))² if mb + m − b < 0 and θ ≤ 2(m + 1)(b − m − mb)/(b + mb − m − m² − 2m²b);
        (e) ρ = (2 − θ)((2 − θ)m(b + 1) + θb(1 − m))((2 − θ)b(m + 1) + θm(1 − b))/(4mb(2mb(1 − θ) + (2 − θ)(m + b + 1)))
        otherwise.
        """
        m, b, θ = self.step_size * B.mu, A.beta / self.step_size, self.relaxation
        mb, total = m * b, m + b
        if mb - m + b < 0 and θ <= 2 * (b + 1) * (m - b - mb) / (m + mb - b - b**2 - 2 * m * b**2):
            ρ = (1 - θ * b / (b + 1)) ** 2
        elif mb - total > 0 and θ <= 2 * (m**2 + b**2 + mb + total - mb**2) / (
            m**2 + b**2 + mb * total + total - 2 * mb**2
        ):
            ρ = (1 - θ * (1 + mb) / ((m + 1) * (b + 1))) ** 2
        elif θ >= 2 * (mb + total) / (2 * mb + total):
            ρ = (1 - θ) ** 2
        elif mb + m - b < 0 and θ <= 2 * (m + 1) * (b - m - mb) / (b + mb - m - m**2 - 2 * m**2 * b):
            ρ = (1 - θ * m / (m + 1)) ** 2
        else:
            first, second = (2 - θ) * m * (b + 1) + θ * b * (1 - m), (2 - θ) * b * (m + 1) + θ * m * (1 - b)
            ρ = (2 - θ) * first * second / (4 * mb * (2 * mb * (1 - θ) + (2 - θ) * (total + 1)))
        return ρ**N

    @rate(
        LipschitzMonotone,
        StronglyMonotone,
        measure=DISTANCE,
        initial=DISTANCE,
        tight=True,
        source=RYU + " 4.3",
        holds=lambda self, A, B, N: self.relaxation < 2,
        at=[
            {"A.L": 1, "B.mu": 1, "gamma": 1, "theta": 1, "N": 1},
            {"A.L": 1, "B.mu": 1, "gamma": 1, "theta": "6/5", "N": 1},
            {"A.L": "1/10", "B.mu": 2, "gamma": 1, "theta": 1, "N": 1},
            {"A.L": 1, "B.mu": "1/10", "gamma": 1, "theta": "19/10", "N": 1},
            {"A.L": 2, "B.mu": "1/2", "gamma": "1/2", "theta": "3/2", "N": 1},
        ],
    )
    def distance_rate_lipschitz_strongly(self, A: Any, B: Any, N: int) -> Any:
        """‖w_N − w⋆‖² ≤ ρ^N R² for θ < 2, with m = γμ, l = γL and the first regime that applies.

        C = √(((2(θ − 1)m + θ − 2)² + l²(θ − 2(m + 1))²)/(l² + 1)).
        (a) ρ = ((θ + C)/(2(m + 1)))² if C + m((2(θ − 1)m + θ − 2) − l²(θ − 2(m + 1)))/(l² + 1) ≥ 0;
        (b) ρ = (1 − θ(l + m)/((l + 1)(m + 1)))² if l ≤ 1, m ≥ (l² + 1)/(l − 1)² and
        θ ≤ −2(m + 1)(l + 1)(m + (m − 1)l² − 2ml − 1)/(m + l(l² + l + 1) + 2m²(l − 1) + ml(1 − (l − 3)l) + 1);
        (c) ρ = (2 − θ)(θ(1 − 2m + l²) − 2m(l² − 1))(θ(1 + 2m + l²) − 2(m + 1)(l² + 1))
        /(4m(l² + 1)(θ(1 + 2m − l²) − 2(m + 1)(1 − l²))) otherwise.
        """
        m, l, θ = self.step_size * B.mu, self.step_size * A.L, self.relaxation
        l2 = l**2
        u, v = 2 * (θ - 1) * m + θ - 2, θ - 2 * (m + 1)
        C = root((u**2 + l2 * v**2) / (l2 + 1))
        if C + m * (u - l2 * v) / (l2 + 1) >= 0:
            ρ = ((θ + C) / (2 * (m + 1))) ** 2
        elif (
            l < 1
            and m >= (l2 + 1) / (l - 1) ** 2
            and θ
            <= -2
            * (m + 1)
            * (l + 1)
            * (m + (m - 1) * l2 - 2 * m * l - 1)
            / (m + l * (l2 + l + 1) + 2 * m**2 * (l - 1) + m * l * (1 - (l - 3) * l) + 1)
        ):
            ρ = (1 - θ * (l + m) / ((l + 1) * (m + 1))) ** 2
        else:
            first, second = θ * (1 - 2 * m + l2) - 2 * m * (l2 - 1), θ * (1 + 2 * m + l2) - 2 * (m + 1) * (l2 + 1)
            third = θ * (1 + 2 * m - l2) - 2 * (m + 1) * (1 - l2)
            ρ = (2 - θ) * first * second / (4 * m * (l2 + 1) * third)
        return ρ**N

    def _reflection(self, f: Any) -> Any:
        """The Lipschitz constant of the reflection 2 prox_{γf} − I."""
        l, m = self.step_size * f.L, self.step_size * f.mu
        return max((l - 1) / (l + 1), (1 - m) / (1 + m))

    def _averaged(self, δ: Any) -> Any:
        """The squared contraction factor of (1 − θ/2) I + (θ/2) R for a δ-Lipschitz R."""
        α = self.relaxation / 2
        return (abs(1 - α) + α * δ) ** 2
