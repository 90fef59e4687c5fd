"""The step of Point-SAGA, its energy with any weight of the table, and the best rates for it."""

from __future__ import annotations

from typing import Any, NamedTuple

from certify.assumptions.sum_smooth_strongly_convex import SmoothStronglyConvexSum
from certify.language import Contraction, Goal, Method, Positive, Run, measure, norm2, theorem


class State(NamedTuple):
    """x_k and the table of gradients t_1, …, t_n."""

    x: Any
    t: Any


class PointSagaSteps(Method):
    """z = x + γ(t_i − (1/n)Σ_j t_j), x⁺ = prox_{γf_i}(z), t_i⁺ = (z − x⁺)/γ with i drawn from 1, …, n."""

    formula = (
        r"z = x + \gamma\left(t_i - \tfrac1n\textstyle\sum_j t_j\right), \quad x^+ = \mathrm{prox}_{\gamma f_i}(z),"
        r" \quad t_i^+ = \tfrac1\gamma(z - x^+)"
    )
    source = "Defazio (2016)"
    step_size = Positive("gamma", "step size")

    def start(self, x: Any, f: Any) -> State:
        """The table of the gradients at x."""
        return State(x, f.table(lambda f_i: f_i.gradient(x)))

    def step(self, state: State, f: Any) -> State:
        """One proximal step on a function that is drawn."""
        (x, t), γ, f_i = state, self.step_size, f.sample()
        z = x + γ * (t[f_i] - t.mean())
        y = f_i.prox(z, γ)
        return State(y, t.replaced(f_i, (z - y) / γ))

    def output(self, state: State) -> Any:
        """x_k."""
        return state.x

    def table_weight(self, f: Any) -> Any:
        """What an entry of the table counts beside the distance."""
        raise TypeError(f"{type(self).__name__} must define table_weight(self, f)")

    def energy(self, f: Any, state: State) -> Any:
        """‖x − x⋆‖² + weight · Σ‖t_j − ∇f_j(x⋆)‖²."""
        s = f.minimizer
        errors = state.t.total(lambda f_j, t: norm2(t - f_j.gradient(s)))
        return norm2(state.x - s) + self.table_weight(f) * errors

    def squares(self, f: Any, before: State, after: State) -> tuple[Any, ...]:
        """Hints at the squares in the proofs."""
        s, f_i = f.minimizer, f.drawn
        w, u = after.t[f_i] - f_i.gradient(s), after.x - s
        return w - f.L * u, w - f.mu * u, before.x - s, w, u, before.t[f_i] - f_i.gradient(s), before.t.mean()


def energy(run: Run, k: int) -> Any:
    """The energy of the method's own weight."""
    method: Any = run.method
    return method.energy(run.functions[0], run.states[k])


ENERGY = measure("energy", "‖{x} − x⋆‖² + cΣ‖t_j − ∇f_j(x⋆)‖²", energy, latex=r"V({x}, t)")


class WeightedPointSaga(PointSagaSteps):
    """Point-SAGA in the energy ‖x − x⋆‖² + cΣ‖t_j − ∇f_j(x⋆)‖² with any weight c > 0."""

    name = "point-saga-weighted"
    title = "Point-SAGA in energies of any weight"
    weight = Positive("c", "weight of an entry of the table in the energy")

    def table_weight(self, f: Any) -> Any:
        """c."""
        return self.weight

    @theorem(SmoothStronglyConvexSum, measure=ENERGY)
    def energy_flat(self, f: Any, before: State, after: State) -> Goal:
        """E V(x⁺, t⁺) ≤ max{κ, 1 − (1 − κγ²/c)/n} V(x, t) with V = ‖x − x⋆‖² + cΣ‖t_j − ∇f_j(x⋆)‖² and
        κ = (1 + cμ²)/(1 + γμ)² for c ≤ γ(2 + γ(L + μ))/(L + μ + 2γμL); parabolas of curvature μ attain it."""
        return self._best(f, before, after, f.mu, 1)

    @theorem(SmoothStronglyConvexSum, measure=ENERGY)
    def energy_steep(self, f: Any, before: State, after: State) -> Goal:
        """E V(x⁺, t⁺) ≤ max{κ, 1 − (1 − κγ²/c)/n} V(x, t) with V = ‖x − x⋆‖² + cΣ‖t_j − ∇f_j(x⋆)‖² and
        κ = (1 + cL²)/(1 + γL)² for c ≥ γ(2 + γ(L + μ))/(L + μ + 2γμL); parabolas of curvature L attain it."""
        return self._best(f, before, after, f.L, -1)

    def _best(self, f: Any, before: State, after: State, worst: Any, side: int) -> Goal:
        """The best rate where parabolas of curvature `worst` are worst: c below the threshold (side 1) or above it."""
        γ, c, n, L, μ = self.step_size, self.weight, f.n, f.L, f.mu
        κ, below = (1 + c * worst**2) / (1 + γ * worst) ** 2, L + μ + 2 * γ * μ * L
        return Contraction(
            before=self.energy(f, before),
            after=self.energy(f, after),
            rates=(κ, 1 - 1 / n + κ * γ**2 / (n * c)),
            given=(side * c * below <= side * γ * (2 + γ * (L + μ)), below > 0),
            lemmas=((side * c * worst, side * γ),),
            squares=self.squares(f, before, after),
        )
