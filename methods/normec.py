"""α-NormEC: distributed descent with error compensation, where workers send smoothed normalisations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from certify.assumptions.smooth_workers import SmoothWorkers
from certify.language import Goal, Inequality, Measure, Method, Positive, Telescoping, norm, theorem

NORM = Measure(
    "gradient-norm",
    "‖∇f({x})‖",
    r"\|\nabla f({x})\|",
    lambda f, points: (norm(f.gradient(x)) for x in points),
)


class State(NamedTuple):
    """x_k and the vectors m_i, one for each worker i."""

    x: Any
    m: Any


class AlphaNormEC(Method):
    """v_i = ∇f_i(x) − m_i, m_i⁺ = m_i + βv_i/(α + ‖v_i‖), m̄ = mean of the m_i⁺, x⁺ = x − γm̄/‖m̄‖ (x⁺ = x if m̄ = 0).

    For f = mean of f_1, …, f_n, n any number. Worker i keeps m_i and sends v_i/(α + ‖v_i‖), which is no longer than 1
    whatever v_i is. The first errors v_i are any vectors of length r at most; r > 0 may be taken larger. In a norm
    that is not Euclidean the step has direction argmin{⟨m̄, o⟩ : ‖o‖ ≤ 1}, and errors are measured in the dual norm.
    """

    name = "normec"
    home = "any"
    title = "α-NormEC"
    formula = (
        r"v_i = \nabla f_i(x) - m_i,\quad m_i^+ = m_i + \beta\,\frac{v_i}{\alpha + \|v_i\|},\quad"
        r" \bar m = \tfrac1n\textstyle\sum_i m_i^+,\quad x^+ = x - \gamma\,\frac{\bar m}{\|\bar m\|}"
    )
    source = "Shulgin, Khirirat, Richtárik (2025)"
    step_size = Positive("gamma", "length of a step")
    smoothing = Positive("alpha", "smoothing of the normalisation")
    feedback = Positive("beta", "part of the normalised error that is compensated")
    error = Positive("r", "bound on the first errors")

    def domain(self) -> Iterator[Inequality]:
        """β ≤ α."""
        yield self.feedback <= self.smoothing

    def start(self, x: Any, f: Any) -> State:
        """Any vectors that are R or less away from the gradients."""
        return State(x, f.workers.gradients(x) - f.workers.within(self.error))

    def step(self, state: State, f: Any) -> State:
        """A step of length γ."""
        h = f.workers.gradients(state.x)
        m = f.workers.moved(state.m, h, self.feedback / (self.smoothing + norm(h - state.m)))
        return State(state.x + self.step_size * f.lmo(f.workers.average(m)), m)

    def output(self, state: State) -> Any:
        """x_k."""
        return state.x

    @theorem(SmoothWorkers, measure=NORM, norms=("any",), source="Shulgin, Khirirat, Richtárik (2025)")
    def gradient(self, f: Any, before: State, after: State) -> Goal:
        """For β ≤ α and γ ≤ βr/(L_max(α + r)) no error ‖∇f_i(x_k) − m_i‖ is ever larger than r, and the least ‖∇f(x_k)‖
        is at most (f(x₀) − f⋆)/(γN) + 2r(1 − β/(α + r)) + Lγ/2."""
        α, β, γ, r, each = self.smoothing, self.feedback, self.step_size, self.error, f.workers
        h, rest = each.gradients(before.x), r * (1 - β / (α + r))
        norm(each.average(after.m)), norm(each.gradients(after.x) - after.m)  # hints: these lengths matter
        slope, error = norm(f.gradient(before.x)), norm(each.average(h - after.m))
        return Telescoping(
            quantities=(slope,),
            weights=(γ,),
            before=f.value(before.x) - f.minimum,
            after=f.value(after.x) - f.minimum,
            error=2 * γ * rest + f.L * γ**2 / 2,
            given=(α + r > 0, γ * f.L_max * (α + r) <= β * r),
            invariant=lambda state, k: ((norm(each.gradients(state.x) - state.m), r),),
            lemmas=(
                (norm(h - after.m), rest),
                (norm(h - each.gradients(after.x)), r - rest),
                (f.value(after.x), f.value(before.x) - γ * slope + 2 * γ * error + f.L * γ**2 / 2),
            ),
        )
