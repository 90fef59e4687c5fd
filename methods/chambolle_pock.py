"""The primal–dual hybrid gradient method of Chambolle and Pock."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from certify.assumptions.convex import Convex
from certify.assumptions.linear import Linear
from certify.language import Measure, Method, Positive, Run, inner, measure, norm2, rate


def saddle_point(f: Any, g: Any, K: Any) -> tuple[Any, Any]:
    """(x⋆, y⋆) with −Kᵀy⋆ ∈ ∂f(x⋆) and Kx⋆ ∈ ∂g(y⋆)."""
    x = K.model.point("x⋆", space=K.space)
    y = g.shifted_minimizer(K(x), "y⋆")
    f.impose(x, -K.adjoint(y))
    return x, y


def energy(run: Run, a: Any, b: Any) -> Any:
    """‖u‖²/τ − 2⟨Ku, v⟩ + ‖v‖²/σ for (u, v) = a − b."""
    (x, y), (p, q), K = a, b, run.role("K")
    primal, dual = run.method.values["tau"], run.method.values["sigma"]
    return norm2(x - p) / primal - 2 * inner(K(x) - K(p), y - q) + norm2(y - q) / dual


def saddle_gap(run: Run, N: int, *primal: str) -> Any:
    """L(x̄, y⋆) − L(x⋆, ȳ) at the means of N iterates; `primal` are the roles of the primal functions."""
    (p, q), points, K = run.solution, run.points[1 : N + 1], run.role("K")
    x, y, image = (_mean(of) for of in zip(*((x, y, K(x)) for x, y in points), strict=True))
    parts = [run.role(f).value(x) - run.role(f).value(p) for f in primal]
    return sum(parts, run.role("g").value(y) - run.role("g").value(q)) + inner(image, q) - inner(K(p), y)


def _mean(points: Any) -> Any:
    return sum(points[1:], points[0]) / len(points)


ENERGY: Measure = measure(
    "energy",
    "‖{x} − z⋆‖²_M, ‖(u, v)‖²_M = ‖u‖²/τ − 2⟨Ku, v⟩ + ‖v‖²/σ",
    lambda run, k: energy(run, run.points[k], run.solution),
)
ENERGY_STEP: Measure = measure(
    "energy-step", "‖z_N − z_{N−1}‖²_M", lambda run, k: energy(run, run.points[k], run.points[k - 1])
)
SADDLE_GAP: Measure = measure(
    "saddle-gap",
    "L(x̄_N, y⋆) − L(x⋆, ȳ_N), means of z_k, k = 1, …, N",
    lambda run, k: saddle_gap(run, k, "f"),
)


class ChambollePock(Method):
    """x⁺ = prox_{τf}(x − τ Kᵀy), y⁺ = prox_{σg}(y + σ K(2x⁺ − x)) for the saddle function f(x) + ⟨Kx, y⟩ − g(y)."""

    name = "chambolle-pock"
    title = "Chambolle–Pock primal–dual method"
    formula = (
        r"x^+ = \mathrm{prox}_{\tau f}(x - \tau K^{\mathsf T}y),\quad"
        r" y^+ = \mathrm{prox}_{\sigma g}\bigl(y + \sigma K(2x^+ - x)\bigr)"
    )
    source = "Chambolle, Pock (2011)"
    functions = ("f", "g", "K")
    starts = ("x", "y")
    primal_step = Positive("tau", "primal step size")
    dual_step = Positive("sigma", "dual step size")

    def step(self, state: Any, f: Any, g: Any, K: Any) -> Any:
        """A primal step, then a dual step at the extrapolated point."""
        x, y = state
        following = f.prox(x - self.primal_step * K.adjoint(y), self.primal_step)
        return following, g.prox(y + self.dual_step * (2 * K(following) - K(x)), self.dual_step)

    def solution(self, f: Any, g: Any, K: Any) -> Any:
        """A saddle point."""
        return saddle_point(f, g, K)

    @rate(
        Convex,
        Convex,
        Linear,
        measure=ENERGY_STEP,
        initial=ENERGY,
        source="Gu, Yang (2020), for the equivalent proximal point method of He, Yuan (2012)",
        holds=lambda self, f, g, K, N: self._short(K),
        at=[{"K.L": 1, "tau": "1/2", "sigma": 1, "N": 1}, {"K.L": 2, "tau": "1/2", "sigma": "1/4", "N": 2}],
    )
    def step_rate(self, f: Any, g: Any, K: Any, N: int) -> Any:
        """‖z_N − z_{N−1}‖²_M ≤ (1 − 1/N)^{N−1} ‖z₀ − z⋆‖²_M/N for τσ‖K‖² ≤ 1, z = (x, y)."""
        return Fraction(N - 1, N) ** (N - 1) / N

    @rate(
        Convex,
        Convex,
        Linear,
        measure=SADDLE_GAP,
        initial=ENERGY,
        source="Chambolle, Pock (2016), Theorem 1",
        holds=lambda self, f, g, K, N: self._short(K),
        at=[{"K.L": 1, "tau": "1/2", "sigma": 1, "N": 1}, {"K.L": 2, "tau": "1/2", "sigma": "1/3", "N": 2}],
    )
    def gap_rate(self, f: Any, g: Any, K: Any, N: int) -> Any:
        """L(x̄_N, y⋆) − L(x⋆, ȳ_N) ≤ ‖z₀ − z⋆‖²_M/(2N) for τσ‖K‖² ≤ 1, L(x, y) = f(x) + ⟨Kx, y⟩ − g(y)."""
        return Fraction(1, 2 * N)

    @rate(
        Convex,
        Convex,
        Linear,
        measure=SADDLE_GAP,
        initial=ENERGY,
        tight=True,
        source="observed in the worst cases themselves",
        holds=lambda self, f, g, K, N: self._short(K),
        at=[{"K.L": 1, "tau": "1/2", "sigma": 1, "N": 1}, {"K.L": 1, "tau": 1, "sigma": "1/2", "N": 2}],
    )
    def gap_rate_observed(self, f: Any, g: Any, K: Any, N: int) -> Any:
        """L(x̄_N, y⋆) − L(x⋆, ȳ_N) ≤ ‖z₀ − z⋆‖²_M/(2(N + 1)) for τσ‖K‖² ≤ 1."""
        return Fraction(1, 2 * (N + 1))

    def _short(self, K: Any) -> bool:
        return self.primal_step * self.dual_step * K.L**2 <= 1
