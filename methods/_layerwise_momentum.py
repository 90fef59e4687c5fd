"""Linear minimisation layer by layer along a momentum, of exact gradients or of samples."""

from __future__ import annotations

from typing import Any, NamedTuple

from certify.assumptions.layerwise_smooth_gradients import LayerwiseSmoothGradients
from certify.assumptions.layerwise_variance import LayerwiseVariance
from certify.language import Goal, Positive, Share, Telescoping, norm, theorem
from certify.methods._layerwise import BY_RADIUS, HALF, LAYERS, LinearMinimisation


class Memory(NamedTuple):
    """X and the momentum M, which has seen the gradient at X."""

    x: Any
    m: Any


class Momentum(LinearMinimisation):
    """Xᵢ⁺ = Xᵢ + tᵢ LMOᵢ(Mᵢ), M⁺ = βM + (1 − β)∇f(X⁺), from M = ∇f(X)."""

    formula = (
        r"X_i^+ = X_i + t_i\,\mathrm{LMO}_i(M_i), \quad M^+ = \beta M + (1-\beta)\nabla f(X^+),"
        r" \quad M^0 = \nabla f(X^0)"
    )

    t = Positive("t", "radius of a layer's ball", each=True)
    beta = Share("beta", "weight of the past in the momentum")

    def start(self, x: Any, f: Any) -> Memory:
        """The momentum is the first gradient."""
        return Memory(x, f.gradient(x))

    def step(self, state: Memory, f: Any) -> Memory:
        """A step along the momentum, which then sees the next gradient."""
        y = state.x + self.t * self.direction(f, state.m)
        return Memory(y, self.beta * state.m + (1 - self.beta) * f.gradient(y))

    def output(self, state: Memory) -> Any:
        """X."""
        return state.x

    @theorem(LayerwiseSmoothGradients, measure=BY_RADIUS, norms=LAYERS)
    def momentum(self, f: Any, before: Memory, after: Memory) -> Goal:
        """With momentum β, tᵢ ≤ (1 − β)/(L1ᵢ(1 + 3β)): the least Σᵢ tᵢ‖∇ᵢf(X)‖* ≤ 2Δ₀/N + ΣL0ᵢtᵢ²(1 + 3β)/(1 − β)."""
        t, β = self.t, self.beta

        def left(state: Memory) -> Any:
            error = norm(state.m - f.gradient(state.x))
            return f.value(state.x) - f.minimum + 2 * f.total(t * error) / (1 - β)

        return Telescoping(
            quantities=(f.total(t * norm(f.gradient(before.x))),),
            weights=(HALF,),
            before=left(before),
            after=left(after),
            error=(1 + 3 * β) * f.total(f.L0 * t**2) / (2 * (1 - β)),
            given=((1 + 3 * β) * t * f.L1 <= 1 - β,),
        )


class NoisyMemory(NamedTuple):
    """X, the momentum M, and the part of its error M − ∇f(X) that comes from samples (for bounds; no step uses it)."""

    x: Any
    m: Any
    noise: Any


class StochasticMomentum(LinearMinimisation):
    """Xᵢ⁺ = Xᵢ + tᵢ LMOᵢ(Mᵢ), M⁺ = βM + (1 − β)g with E g = ∇f(X⁺), from M = ∇f(X)."""

    formula = (
        r"X_i^+ = X_i + t_i\,\mathrm{LMO}_i(M_i), \quad M^+ = \beta M + (1-\beta)g, \quad"
        r" \mathbb{E}\,g = \nabla f(X^+), \quad M^0 = \nabla f(X^0)"
    )

    t = Positive("t", "radius of a layer's ball", each=True)
    beta = Share("beta", "weight of the past in the momentum")
    split = Positive("h", "where 2a ≤ a²/h + h is used for the noise of a layer", each=True)

    def start(self, x: Any, f: Any) -> NoisyMemory:
        """The momentum is the first gradient, without noise."""
        g = f.gradient(x)
        return NoisyMemory(x, g, 0 * g)

    def step(self, state: NoisyMemory, f: Any) -> NoisyMemory:
        """A step along the momentum, which then sees a sample of the next gradient."""
        y, β = state.x + self.t * self.direction(f, state.m), self.beta
        g = f.stochastic_gradient(y)
        noise = β * state.noise + (1 - β) * (g - f.gradient(y))
        return NoisyMemory(y, β * state.m + (1 - β) * g, noise)

    def output(self, state: NoisyMemory) -> Any:
        """X."""
        return state.x

    @theorem(LayerwiseSmoothGradients, LayerwiseVariance, measure=BY_RADIUS, norms=LAYERS)
    def stochastic(self, f: Any, before: NoisyMemory, after: NoisyMemory) -> Goal:
        """With noise and tᵢ ≤ (1 − β)/(L1ᵢ(1 + 3β)): the mean of Σᵢ tᵢ‖∇ᵢf(X)‖* is at most
        2Δ₀/N + ΣL0ᵢtᵢ²(1 + 3β)/(1 − β) + 2Σtᵢ(hᵢ + ρᵢ²σᵢ²(1 − β)/(hᵢ(1 + β))), for hᵢ = ρᵢσᵢ√((1 − β)/(1 + β)) the last
        sum is 4Σtᵢρᵢσᵢ√((1 − β)/(1 + β))."""
        t, β, h = self.t, self.beta, self.split

        def left(state: NoisyMemory) -> Any:
            drift = norm(state.m - f.gradient(state.x) - state.noise)
            spread = f.total(t * f.rho**2 / h * f.energy(state.noise)) / (1 - β**2)
            return f.value(state.x) - f.minimum + 2 * f.total(t * drift) / (1 - β) + spread

        norm(before.m - f.gradient(before.x))  # a hint: the error, of two parts, is worth a name
        return Telescoping(
            quantities=(f.total(t * norm(f.gradient(before.x))),),
            weights=(HALF,),
            before=left(before),
            after=left(after),
            error=(1 + 3 * β) * f.total(f.L0 * t**2) / (2 * (1 - β))
            + f.total(t * h)
            + (1 - β) * f.total(t * f.rho**2 * f.sigma**2 / h) / (1 + β),
            given=((1 + 3 * β) * t * f.L1 <= 1 - β,),
        )
