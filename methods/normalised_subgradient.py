"""Normalised subgradient steps: the explicit counterpart of the broximal point method."""

from __future__ import annotations

from typing import Any

from certify.assumptions.convex import Convex
from certify.assumptions.lipschitz_convex import LipschitzConvex
from certify.assumptions.smooth_above import SmoothAbove
from certify.assumptions.smooth_convex import SmoothConvex
from certify.language import GAP, Goal, Measure, Method, Positive, Telescoping, inner, norm, norm2, root, theorem

REACH = Measure(
    "reach",
    "⟨g({x}), {x} − x⋆⟩/‖g({x})‖",
    r"\langle g({x}), {x} - x^\star\rangle/\|g({x})\|",
    lambda f, points: (inner(f.subgradient(x), x - f.minimizer) / norm(f.subgradient(x)) for x in points),
)
LENGTH = Measure(
    "gap-length",
    "(2(f({x}) − f⋆)/L)^½",
    r"\sqrt{2(f({x}) - f^\star)/L}",
    lambda f, points: (root(2 * f.L * (f.value(x) - f.minimum)) / f.L for x in points),
)

SLOPE = Measure(
    "gradient-norm",
    "‖∇f({x})‖",
    r"\|\nabla f({x})\|",
    lambda f, points: (norm(f.gradient(x)) for x in points),
)


class NormalisedSubgradient(Method):
    """x⁺ = x − t g/‖g‖, g ∈ ∂f(x), while g ≠ 0."""

    name = "normalised-subgradient"
    title = "normalised subgradient method"
    formula = r"x^+ = x - t\,g/\|g\|, \quad g \in \partial f(x)"
    source = "Shor (1962)"
    radius = Positive("t", "length of a step")

    def step(self, x: Any, f: Any) -> Any:
        """One step of length t."""
        g = f.subgradient(x)
        return x - self.radius * g / norm(g)

    @theorem(Convex, measure=REACH)
    def reach(self, f: Any, x: Any, y: Any) -> Goal:
        """The least ⟨g, x − x⋆⟩/‖g‖ is at most (R² + Nt²)/(2Nt)."""
        t, g = self.radius, f.subgradient(x)
        return Telescoping(
            quantities=(inner(g, x - f.minimizer) / norm(g),),
            weights=(2 * t,),
            before=norm2(x - f.minimizer),
            after=norm2(y - f.minimizer),
            error=t**2,
            given=(norm(f.subgradient(x)) > 0,),
        )

    @theorem(LipschitzConvex, measure=GAP, source="Nesterov (2004), section 3.2.3")
    def gap(self, f: Any, x: Any, y: Any) -> Goal:
        """The least gap is at most M(R² + Nt²)/(2Nt), so MR/√N for t = R/√N."""
        t = self.radius
        return Telescoping(
            quantities=(f.value(x) - f.minimum,),
            weights=(2 * t / f.M,),
            before=norm2(x - f.minimizer),
            after=norm2(y - f.minimizer),
            error=t**2,
            given=(norm(f.subgradient(x)) > 0,),
        )

    @theorem(SmoothAbove, measure=SLOPE)
    def gradient(self, f: Any, x: Any, y: Any) -> Goal:
        """The least ‖∇f‖ is at most Δ₀/(Nt) + Lt/2 for smooth functions, convex or not."""
        t = self.radius
        return Telescoping(
            quantities=(norm(f.gradient(x)),),
            weights=(t,),
            before=f.value(x) - f.minimum,
            after=f.value(y) - f.minimum,
            error=f.L * t**2 / 2,
            given=(norm(f.gradient(x)) > 0,),
        )

    @theorem(SmoothConvex, measure=LENGTH)
    def gap_smooth(self, f: Any, x: Any, y: Any) -> Goal:
        """The least √(2(f − f⋆)/L) is at most (R² + Nt²)/(2Nt), so the least gap is at most LR²/(2N) for t = R/√N."""
        t, g = self.radius, f.subgradient(x)
        length = root(2 * f.L * (f.value(x) - f.minimum)) / f.L
        reach = inner(g, x - f.minimizer) / norm(g)
        return Telescoping(
            quantities=(length,),
            weights=(2 * t,),
            before=norm2(x - f.minimizer),
            after=norm2(y - f.minimizer),
            error=t**2,
            lemmas=((2 * f.L * length * norm(g), (f.L * length) ** 2 + norm(g) ** 2), (length, reach)),
            given=(norm(g) > 0, f.value(x) >= f.minimum),
        )
