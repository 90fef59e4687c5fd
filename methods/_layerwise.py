"""Linear minimisation layer by layer: the update that Gluon, Muon, Scion, normalised and sign descent share.

Each class fixes a rule for the radii or an oracle and holds the theorems about it; `certify.methods.gluon` and its
instances collect them. Everything is written for one generic layer i.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from certify.assumptions.convex_on_ball import ConvexOnBall
from certify.assumptions.layerwise_convex import LayerwiseConvex
from certify.assumptions.layerwise_dominated import LayerwiseDominated
from certify.assumptions.layerwise_lipschitz import LayerwiseLipschitz
from certify.assumptions.layerwise_pl import LayerwisePL
from certify.assumptions.layerwise_smooth import LayerwiseSmooth
from certify.language import (
    GAP,
    Contraction,
    DominatedDecrease,
    Goal,
    Measure,
    Method,
    Positive,
    QuadraticDecrease,
    SaturatingDecrease,
    Share,
    Telescoping,
    norm,
    theorem,
)

PAPER = "Riabinin, Shulgin, Gruntkowska, Richtárik (2025)"
LAYERS = ("layers",)
HALF = Fraction(1, 2)


def _of_gradients(name: str, text: str, latex: str, weigh: Any) -> Measure:
    """Σᵢ of a function of f and ‖∇ᵢf(x)‖*."""
    return Measure(name, text, latex, lambda f, points: (f.total(weigh(f, norm(f.gradient(x)))) for x in points))


def _mean_weight(f: Any) -> Any:
    """a = 1/mean(1/L1ᵢ), so that the weights a/L1ᵢ have mean 1."""
    return f.total(1) / f.total(1 / f.L1)


SUM = _of_gradients(
    "gradients",
    "Σᵢ ‖∇ᵢf({x})‖*",
    r"\sum_i \|\nabla_i f({x})\|_*",
    lambda f, r: r,
)
WEIGHTED = _of_gradients(
    "weighted-gradients",
    "Σᵢ wᵢ‖∇ᵢf({x})‖*",
    r"\sum_i w_i \|\nabla_i f({x})\|_*",
    lambda f, r: _mean_weight(f) / f.L1 * r,
)
BY_RADIUS = _of_gradients(
    "radius-gradients",
    "Σᵢ tᵢ‖∇ᵢf({x})‖*",
    r"\sum_i t_i\|\nabla_i f({x})\|_*",
    lambda f, r: f.method.t * r,
)
DECREASE = _of_gradients(
    "decrease",
    "Σᵢ ‖∇ᵢf({x})‖*²/(L0ᵢ + L1ᵢ‖∇ᵢf({x})‖*)",
    r"\sum_i \frac{\|\nabla_i f({x})\|_*^2}{L_{0,i} + L_{1,i}\|\nabla_i f({x})\|_*}",
    lambda f, r: r**2 / (f.L0 + f.L1 * r),
)
SQUARES = _of_gradients(
    "squared-gradients",
    "Σᵢ γᵢ‖∇ᵢf({x})‖*²",
    r"\sum_i \gamma_i\|\nabla_i f({x})\|_*^2",
    lambda f, r: f.method.gamma * r**2,
)

BY_MARGIN = _of_gradients(
    "margin-gradients",
    "Σᵢ tᵢ(1 − L1ᵢtᵢ/2)‖∇ᵢf({x})‖*",
    r"\sum_i t_i\left(1 - \tfrac12 L_{1,i}t_i\right)\|\nabla_i f({x})\|_*",
    lambda f, r: f.method.t * (1 - f.method.t * f.L1 / 2) * r,
)
SQUARES_BY_MARGIN = _of_gradients(
    "margin-squares",
    "Σᵢ γᵢ(1 − Lᵢγᵢ/2)‖∇ᵢf({x})‖*²",
    r"\sum_i \gamma_i\left(1 - \tfrac12 L_i\gamma_i\right)\|\nabla_i f({x})\|_*^2",
    lambda f, r: f.method.gamma * (1 - f.method.gamma * f.L / 2) * r**2,
)


class LinearMinimisation(Method):
    """Xᵢ⁺ = argmin { ⟨∇ᵢf(X), Z⟩ : ‖Z − Xᵢ‖ ≤ tᵢ } = Xᵢ + tᵢ LMOᵢ(∇ᵢf(X)) for every layer i."""

    home = "layers"
    formula = r"X_i^+ = X_i + t_i\,\mathrm{LMO}_i(\nabla_i f(X))"
    source = PAPER

    def radius(self, r: Any) -> Any:
        """tᵢ where ‖∇ᵢf(X)‖* = rᵢ."""
        raise NotImplementedError

    def direction(self, f: Any, g: Any) -> Any:
        """LMOᵢ(∇ᵢf(X)) for every layer i."""
        return f.lmo(g)

    def step(self, state: Any, f: Any) -> Any:
        """One step in every layer."""
        g = f.gradient(state)
        return state + self.radius(norm(g)) * self.direction(f, g)


class Adaptive(LinearMinimisation):
    """Xᵢ⁺ = Xᵢ + tᵢ LMOᵢ(∇ᵢf(X)) with radii tᵢ = ‖∇ᵢf(X)‖*/(L0ᵢ + L1ᵢ‖∇ᵢf(X)‖*)."""

    formula = (
        r"X_i^+ = X_i + t_i\,\mathrm{LMO}_i(\nabla_i f(X)), \quad"
        r" t_i = \frac{\|\nabla_i f(X)\|_*}{L_{0,i} + L_{1,i}\|\nabla_i f(X)\|_*}"
    )

    L0 = Positive("L0", "smoothness of a layer where its gradient is small", each=True)
    L1 = Positive("L1", "smoothness of a layer per unit of its gradient", each=True)

    def radius(self, r: Any) -> Any:
        """rᵢ/(L0ᵢ + L1ᵢrᵢ)."""
        return r / (self.L0 + self.L1 * r)

    @theorem(LayerwiseSmooth, measure=DECREASE, norms=LAYERS, source=PAPER)
    def descent(self, f: Any, x: Any, y: Any) -> Goal:
        """f(X⁺) ≤ f(X) − ½Σᵢ‖∇ᵢf(X)‖*²/(L0ᵢ + L1ᵢ‖∇ᵢf(X)‖*)."""
        r = norm(f.gradient(x))
        return Telescoping(
            quantities=(f.total(r**2 / (f.L0 + f.L1 * r)),),
            weights=(HALF,),
            before=f.value(x) - f.minimum,
            after=f.value(y) - f.minimum,
        )

    @theorem(LayerwiseSmooth, measure=SUM, norms=LAYERS, source=PAPER)
    def gradients(self, f: Any, x: Any, y: Any) -> Goal:
        """The least Σᵢ‖∇ᵢf(X)‖* is at most ε after 2Δ₀ΣL0ᵢ/ε² + 2Δ₀ max L1ᵢ/ε steps."""
        return SaturatingDecrease(
            before=f.value(x) - f.minimum,
            after=f.value(y) - f.minimum,
            quantity=f.total(norm(f.gradient(x))),
            offset=f.total(f.L0),
            slope=f.largest(f.L1),
            weight=HALF,
        )

    @theorem(LayerwiseSmooth, measure=WEIGHTED, norms=LAYERS, source=PAPER)
    def gradients_weighted(self, f: Any, x: Any, y: Any) -> Goal:
        """The least Σᵢ wᵢ‖∇ᵢf(X)‖*, wᵢ = a/L1ᵢ of mean 1, is at most ε after 2Δ₀a²Σ(L0ᵢ/L1ᵢ²)/ε² + 2Δ₀a/ε steps."""
        a = _mean_weight(f)
        return SaturatingDecrease(
            before=f.value(x) - f.minimum,
            after=f.value(y) - f.minimum,
            quantity=f.total(a / f.L1 * norm(f.gradient(x))),
            offset=f.total(a**2 * f.L0 / f.L1**2),
            slope=a,
            weight=HALF,
        )

    @theorem(LayerwisePL, measure=GAP, norms=LAYERS)
    def gap_pl(self, f: Any, x: Any, y: Any) -> Goal:
        """Under PL f(X_N) − f⋆ ≤ ε after (max L0ᵢ/μ)ln(Δ₀/ε) + 2√(2/μ) max L1ᵢ(√Δ₀ − √ε) steps."""
        return DominatedDecrease(
            before=f.value(x) - f.minimum,
            after=f.value(y) - f.minimum,
            quantity=f.length(norm(f.gradient(x))),
            offset=f.largest(f.L0),
            slope=f.largest(f.L1),
            weight=HALF,
            modulus=f.mu,
        )


class Fixed(LinearMinimisation):
    """Xᵢ⁺ = Xᵢ + tᵢ LMOᵢ(∇ᵢf(X)) with constant radii tᵢ."""

    t = Positive("t", "radius of a layer's ball", each=True)

    def radius(self, r: Any) -> Any:
        """tᵢ."""
        return self.t

    @theorem(LayerwiseSmooth, measure=BY_RADIUS, norms=LAYERS)
    def fixed(self, f: Any, x: Any, y: Any) -> Goal:
        """With constant radii tᵢ ≤ 1/L1ᵢ the least Σᵢ tᵢ‖∇ᵢf(X)‖* is at most 2Δ₀/N + Σᵢ L0ᵢtᵢ²."""
        t = self.t
        return Telescoping(
            quantities=(f.total(t * norm(f.gradient(x))),),
            weights=(HALF,),
            before=f.value(x) - f.minimum,
            after=f.value(y) - f.minimum,
            error=f.total(f.L0 * t**2) / 2,
            given=(t * f.L1 <= 1,),
        )

    @theorem(LayerwiseSmooth, measure=BY_MARGIN, norms=LAYERS)
    def fixed_long(self, f: Any, x: Any, y: Any) -> Goal:
        """With constant radii tᵢ < 2/L1ᵢ the least Σᵢ tᵢ(1 − L1ᵢtᵢ/2)‖∇ᵢf(X)‖* is at most Δ₀/N + ½Σᵢ L0ᵢtᵢ²."""
        t = self.t
        return Telescoping(
            quantities=(f.total(t * (1 - t * f.L1 / 2) * norm(f.gradient(x))),),
            weights=(1,),
            before=f.value(x) - f.minimum,
            after=f.value(y) - f.minimum,
            error=f.total(f.L0 * t**2) / 2,
            given=(t * f.L1 < 2,),
        )

    @theorem(LayerwiseLipschitz, measure=BY_RADIUS, norms=LAYERS)
    def fixed_lipschitz(self, f: Any, x: Any, y: Any) -> Goal:
        """Without L1, for any constant radii, the least Σᵢ tᵢ‖∇ᵢf(X)‖* is at most Δ₀/N + ½Σᵢ Lᵢtᵢ²."""
        t = self.t
        return Telescoping(
            quantities=(f.total(t * norm(f.gradient(x))),),
            weights=(1,),
            before=f.value(x) - f.minimum,
            after=f.value(y) - f.minimum,
            error=f.total(f.L * t**2) / 2,
        )


class FixedNear(Fixed):
    """Xᵢ⁺ = Xᵢ + tᵢ LMOᵢ(∇ᵢf(X)) with constant radii tᵢ; θ, a share of the way to X⋆, is in the bound only."""

    share = Share("theta", "part of the distance in a layer that its radius covers")

    @theorem(LayerwiseLipschitz, LayerwiseConvex, measure=GAP, norms=LAYERS)
    def fixed_convex(self, f: Any, x: Any, y: Any) -> Goal:
        """For convex f and radii tᵢ ≥ θDᵢ, ‖Xᵢ − X⋆ᵢ‖ ≤ Dᵢ: f(X⁺) − f⋆ ≤ (1 − θ)(f(X) − f⋆) + ½Σᵢ Lᵢtᵢ²."""
        t = self.t
        return Contraction(
            before=f.value(x) - f.minimum,
            after=f.value(y) - f.minimum,
            rate=1 - self.share,
            error=f.total(f.L * t**2) / 2,
            given=(self.share * f.D <= t,),
        )


class Scaled(LinearMinimisation):
    """Xᵢ⁺ = Xᵢ + γᵢ‖∇ᵢf(X)‖* LMOᵢ(∇ᵢf(X)): gradient descent in the layer's norm."""

    formula = r"X_i^+ = X_i + \gamma_i\|\nabla_i f(X)\|_*\,\mathrm{LMO}_i(\nabla_i f(X))"

    gamma = Positive("gamma", "step size of a layer", each=True)

    def radius(self, r: Any) -> Any:
        """γᵢrᵢ."""
        return self.gamma * r

    @theorem(LayerwiseLipschitz, measure=SQUARES, norms=LAYERS)
    def scaled(self, f: Any, x: Any, y: Any) -> Goal:
        """With radii γᵢ‖∇ᵢf(X)‖*, γᵢ ≤ 1/Lᵢ, the least Σᵢ γᵢ‖∇ᵢf(X)‖*² is at most 2Δ₀/N."""
        return Telescoping(
            quantities=(f.total(self.gamma * norm(f.gradient(x)) ** 2),),
            weights=(HALF,),
            before=f.value(x) - f.minimum,
            after=f.value(y) - f.minimum,
            given=(self.gamma * f.L <= 1,),
        )

    @theorem(LayerwiseLipschitz, measure=SQUARES_BY_MARGIN, norms=LAYERS)
    def scaled_long(self, f: Any, x: Any, y: Any) -> Goal:
        """With radii γᵢ‖∇ᵢf(X)‖*, γᵢ < 2/Lᵢ, the least Σᵢ γᵢ(1 − Lᵢγᵢ/2)‖∇ᵢf(X)‖*² is at most Δ₀/N."""
        γ = self.gamma
        return Telescoping(
            quantities=(f.total(γ * (1 - γ * f.L / 2) * norm(f.gradient(x)) ** 2),),
            weights=(1,),
            before=f.value(x) - f.minimum,
            after=f.value(y) - f.minimum,
            given=(γ * f.L < 2,),
        )

    @theorem(LayerwiseLipschitz, LayerwiseConvex, measure=GAP, norms=LAYERS)
    def scaled_convex(self, f: Any, x: Any, y: Any) -> Goal:
        """For convex f and radii γᵢ‖∇ᵢf(X)‖*, γᵢ ≤ 1/Lᵢ: f(X_N) − f⋆ ≤ 2AΔ₀/(2A + NΔ₀) with A = ΣDᵢ²/γᵢ."""
        return QuadraticDecrease(
            before=f.value(x) - f.minimum,
            after=f.value(y) - f.minimum,
            quantity=f.total(f.D * norm(f.gradient(x))),
            offset=f.total(f.D**2 / self.gamma),
            weight=HALF,
            given=(self.gamma * f.L <= 1,),
        )


class ScaledLeast(Scaled):
    """Xᵢ⁺ = Xᵢ + γᵢ‖∇ᵢf(X)‖* LMOᵢ(∇ᵢf(X)) with γᵢ ≥ θ, which is in the bound only."""

    least = Positive("theta", "a step size that no layer falls below")

    @theorem(LayerwiseLipschitz, LayerwiseDominated, measure=GAP, norms=LAYERS, source="Karimi, Nutini, Schmidt (2016)")
    def scaled_pl(self, f: Any, x: Any, y: Any) -> Goal:
        """Under PL and with radii γᵢ‖∇ᵢf(X)‖*, θ ≤ γᵢ ≤ 1/Lᵢ: f(X⁺) − f⋆ ≤ (1 − μθ)(f(X) − f⋆)."""
        return Contraction(
            before=f.value(x) - f.minimum,
            after=f.value(y) - f.minimum,
            rate=1 - f.mu * self.least,
            given=(self.least <= self.gamma, self.gamma * f.L <= 1),
        )


class WeightDecay(LinearMinimisation):
    """Xᵢ⁺ = (1 − αλ)Xᵢ + αLMOᵢ(∇ᵢf(X)): weight decay makes it the Frank–Wolfe method on the balls ‖Xᵢ‖ ≤ 1/λ."""

    formula = r"X_i^+ = (1 - \alpha\lambda)X_i + \alpha\,\mathrm{LMO}_i(\nabla_i f(X))"

    alpha = Positive("alpha", "step size")
    decay = Positive("lambda", "weight decay")

    def step(self, state: Any, f: Any) -> Any:
        """The average, with weight αλ, of Xᵢ and the point of the ball where the linearised loss is least."""
        return (1 - self.alpha * self.decay) * state + self.alpha * f.lmo(f.gradient(state))

    @theorem(LayerwiseLipschitz, ConvexOnBall, measure=GAP, norms=LAYERS, source="Jaggi (2013)")
    def weight_decay(self, f: Any, x: Any, y: Any) -> Goal:
        """With weight decay λ: f(X⁺) − f⋆ ≤ (1 − αλ)(f(X) − f⋆) + 2α²ΣLᵢ, f convex on the balls ‖Xᵢ‖ ≤ 1/λ, αλ ≤ 1."""
        return Contraction(
            before=f.value(x) - f.minimum,
            after=f.value(y) - f.minimum,
            rate=1 - self.alpha * self.decay,
            error=2 * self.alpha**2 * f.total(f.L),
            given=(self.alpha * self.decay <= 1,),
        )
