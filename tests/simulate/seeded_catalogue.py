"""Another set of theorems made false on purpose: methods with layers, operators, memory, samples and several functions.

Each is off by 2 to 10 in a hundred, claimed for steps a little too long, or lacks a term or an assumption. `witness` is
the independent argument: both sides of an inequality that the false theorem implies, computed by hand for a run on a
function (or an operator) that is written in the comment next to it; the left one is the larger.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction as Q
from typing import Any

from false_theorems import Pretending

from certify.analysis.catalogue import load_assumption, load_method
from certify.language import Goal, Method, Theorem


@dataclass(frozen=True)
class Fault:
    """A theorem with one thing changed, and why it is false then.

    `change` is the name of a part of the goal (its numbers are multiplied by `factor`), ``given`` (the conditions are
    those for constants `constant` multiplied by the factor), ``constant`` (all of the goal is), or
    ``assumption`` (the first one is a weaker one, `constant`).
    """

    method: str
    theorem: str
    change: str
    factor: Q
    witness: tuple[Any, Any]
    constant: str = ""

    def __str__(self) -> str:
        return (
            f"{self.method}-{self.theorem}-{self.change}{self.constant and '-' + self.constant}-{float(self.factor):g}"
        )

    def made(self) -> tuple[type[Method], Theorem, Theorem]:
        """The method, the false theorem and the true one."""
        kind = load_method(self.method)
        true = kind.theorems()[self.theorem]
        if self.change == "assumption":
            weaker = load_assumption(self.constant)
            return kind, replace(true, assumptions=(weaker, *true.assumptions[1:])), true
        return kind, replace(true, goal=self._changed(true.goal)), true

    def _changed(self, goal: Callable[..., Goal]) -> Callable[..., Goal]:
        def changed(method: Any, f: Any, *arguments: Any, **keywords: Any) -> Goal:
            found = goal(method, f, *arguments, **keywords)
            if self.change == "relaxed":  # conditions for a smaller parameter of the method
                shorter = {**method.values, self.constant: method.values[self.constant] / self.factor}
                return replace(found, given=goal(type(method)(**shorter), f, *arguments, **keywords).given)
            if self.change in ("given", "constant"):
                known = {self.constant: getattr(f, self.constant) * self.factor}
                other = goal(method, Named(f, known), *arguments, **keywords)
                return other if self.change == "constant" else replace(found, given=other.given)
            value = getattr(found, self.change)
            if callable(value):
                return replace(found, **{self.change: lambda *n: value(*n) * self.factor})
            value = tuple(v * self.factor for v in value) if isinstance(value, tuple) else value * self.factor
            return replace(found, **{self.change: value})

        return changed


class Named(Pretending):
    """A function or operator that names other constants than it has."""

    def __init__(self, function: Any, constants: Mapping[str, Any]) -> None:
        super().__init__(function, constants)

    def __call__(self, x: Any) -> Any:
        return self._function(x)

    def __add__(self, other: Any) -> Any:
        return self._function + other


H = Q(1, 2)

LAYERS = [
    # f = ½cy² with c = L0 + L1|cx|: x = 1, L1 = 1/4, c = 2, L0 = 3/2, r = 2: the step r/c ends at 0, f falls by r²/2c
    Fault("gluon", "descent", "weights", Q(102, 100), (Q(102, 100) * H * 2**2 / 2, Q(1))),
    Fault("muon", "gradients", "weight", Q(103, 100), (Q(103, 100) * H * 2**2 / (Q(3, 2) + Q(1, 4) * 2), Q(1))),
    Fault("signsgd", "gradients-weighted", "weight", Q(102, 100), (Q(102, 100) * H * 2**2 / 2, Q(1))),
    Fault("scion", "gap-pl", "weight", Q(103, 100), (Q(103, 100) * H * 2**2 / 2, Q(1))),
    # the same f, t = 4 = 1/L1: from 1 to −3, where f = 9; ½tr = 4 ≤ 1 − 9 + ½L0t² = 4 is an equality
    Fault("signsgd", "fixed", "error", Q(97, 100), (H * 4 * 2, 1 - 9 + Q(97, 100) * H * Q(3, 2) * 16)),
    # t = 4, L1 = 1/3.8 > 1/4: L0 = 2 − 2/3.8, ½tr = 4 > 1 − 9 + ½L0t²
    Fault("muon", "fixed", "given", Q(95, 100), (Q(4), 1 - 9 + 8 * (2 - 2 / Q(38, 10))), "L1"),
    # t = 1, L1 = 1/4: t(1 − tL1/2)r = 7/4, from 1 to 0: 1 − 0 + ½L0 = 7/4
    Fault("muon", "fixed-long", "error", Q(96, 100), (Q(7, 4), 1 + Q(96, 100) * Q(3, 4))),
    # f = y², L = 2, from 1 to 1 − t: tr = 2t, 1 − (1 − t)² + t² = 2t
    Fault("nsgd", "fixed-lipschitz", "error", Q(98, 100), (Q(2), 1 + Q(98, 100))),
    # f = ½y², x = 1, γ = 1/0.95: ½γ > γ(1 − γ/2)
    Fault("gluon", "scaled", "given", Q(95, 100), (H / Q(95, 100), (1 - H / Q(95, 100)) / Q(95, 100)), "L"),
    Fault("scion", "scaled-long", "weights", Q(103, 100), (Q(103, 100) * (1 - H), H)),
    # f = ½y², γ = θ = 9/10: (1 − γ)² > 1 − 1.05·γ·(1/…): at γ = 1 the rate is below 0 = f(0)
    Fault("nsgd", "scaled-pl", "constant", Q(105, 100), (Q(0), 1 - Q(105, 100)), "mu"),
    Fault("gluon", "scaled-convex", "weight", Q(105, 100), (Q(105, 100) * H, H)),
    # Huber with L = δ = 1 from 100 = D, t = 1 = D/100: 98.5 > 0.97·0.99·99.5 + ½
    Fault("scion", "fixed-convex", "rate", Q(97, 100), (Q(985, 10), Q(97, 100) * Q(99, 100) * Q(995, 10) + H)),
    # f = ½(y − c)², λ = α = 1, from −1 to 1, c → −1: (1 − c)²/2 → 2 = 2α²L
    Fault("muon", "weight-decay", "error", Q(95, 100), ((2 - Q(1, 100)) ** 2 / 2, Q(95, 100) * 2)),
    # f = ½cy² and tL1(1 + 3β) = 1 − β: all of it is an equality; β = 1/5, t = 1, L1 = ½, L0 = ½, c = 1, x = 1
    Fault("muon", "momentum", "error", Q(96, 100), (H, H - 2 * Q(1, 5) / Q(4, 5) + Q(96, 100) * Q(8, 5) * H / Q(8, 5))),
    # the first step, h = 1/100: the σ² of the samples drawn is the σ² of the bound, all else is 1 or so
    Fault("gluon", "stochastic", "constant", Q(97, 100), (Q(100), 2 + Q(97, 100) ** 2 * 100), "sigma"),
    # α = b: the exact oracle with a factor
    Fault("gluon", "inexact", "weight", Q(104, 100), (Q(104, 100) * H * 2**2 / 2, Q(1))),
    Fault("muon", "inexact-fixed", "error", Q(96, 100), (H * 4 * 2, 1 - 9 + Q(96, 100) * H * Q(3, 2) * 16)),
]

OPERATORS = [
    # A = [[μ, −ω], [ω, μ]] with μ² + ω² = L²: |1 − γ(μ + iω)|² = 1 − 2γμ + γ²L²
    Fault("forward-step", "distance", "rate", Q(98, 100), (1 - H + Q(1, 4), Q(98, 100) * (1 - H + Q(1, 4)))),
    # A = 1/β, γ = 2.1β: |1 − 2.1| > 1
    Fault("forward-step", "distance-cocoercive", "given", Q(105, 100), (Q(11, 10), Q(1)), "beta"),
    # β = γ = 1, λ small with Re λ = |λ|²: 1 − |1 − λ|² = |λ|², and |λ|²|1 − λ|² is the quantity
    Fault("forward-step", "operator", "constant", Q(104, 100), (Q(108, 100) * Q(99, 100), Q(1)), "beta"),
    # A skew, ω = 1: |1 − iγ − γ²|² = 1 − γ² + γ⁴ > 1 for γ > 1
    Fault("extragradient", "distance", "given", Q(95, 100), (1 - Q(104, 100) ** 2 + Q(104, 100) ** 4, Q(1)), "L"),
    # the same: 1 − |·|² = γ²(1 − γ²)
    Fault("extragradient", "best-operator", "weights", Q(103, 100), (Q(103, 100) * 3, Q(3))),
    # the same, s = γ² = 9/10, from k = 0: γ²(1 − 0.95²s)(1 − s + s²) to γ²(1 − s)
    Fault(
        "extragradient",
        "operator",
        "constant",
        Q(95, 100),
        ((1 - Q(9025, 10**4) * Q(9, 10)) * Q(91, 100), Q(1, 10)),
        "L",
    ),
    # A = μ: |1/(1 + γμ)|²
    Fault("inclusion-ppm", "distance", "rate", Q(97, 100), (Q(1, 4), Q(97, 100) / 4)),
    # A skew: ‖x − x⁺‖² = ‖x‖² − ‖x⁺‖², 1/(1 + i) for γω = 1
    Fault("inclusion-ppm", "step-length", "weights", Q(103, 100), (Q(103, 100) * H, H)),
    Fault("inclusion-ppm", "operator", "weights", Q(102, 100), (Q(102, 100) * H, H)),
    # A = 0, B skew with γω = 1, θ = 1: w⁺ = J(w)
    Fault("douglas-rachford", "step-length", "weights", Q(103, 100), (Q(103, 100) * H, H)),
    # T a rotation by 90°: x₁ = (1 + i)/2, |x₁ − T x₁|² = 1 = 4/(N + 1)² with N = 1
    Fault("halpern", "residual", "scale", Q(105, 100), (Q(105, 100), Q(1))),
    # T = −1: |1 − 2λ| > 1 for λ > 1
    Fault("krasnoselskii-mann", "distance", "relaxed", Q(103, 100), (Q(2) * Q(103, 100) - 1, Q(1)), "lam"),
    # A = 0, B = 100 and γ = 1: w⁺ = (1 − θ·100/101)w
    Fault("douglas-rachford", "distance", "relaxed", Q(103, 100), (Q(206, 101) - 1 + Q(1, 50), Q(1)), "theta"),
]

MEMORY = [
    # f = ½y², η = b = L = 1, x = 7/24: b⁺ = 25/24, f falls by x²(1 − 12/25)/b⁺
    Fault("adagrad-norm", "gradient", "weight", Q(105, 100), (Q(105, 100) * H, 1 - Q(12, 25))),
    # b = 0.95ηL, g → 0: 1 − ηL/(2b) < ½
    Fault("adagrad-norm", "gradient", "given", Q(95, 100), (H, 1 - H / Q(96, 100)), "L"),
    # at x⋆ with samples 0 the energy grows by cost·(ln(ε + (k + 1)M²) − ln(ε + kM²)), which is the error
    Fault("adagrad", "gradient", "error", Q(95, 100), (Q(0), Q(95, 100) - 1)),
    # at x⋆ with a sample 0 after v > 0: the energy grows by cost·(ln(ε + v) − ln(ε + βv)) → −cost·ln β for ε → 0
    Fault("rmsprop", "gradient", "error", Q(90, 100), (Q(0), Q(90, 100) - Q(99, 100))),
    Fault("adam", "gradient", "error", Q(90, 100), (Q(0), Q(90, 100) - Q(99, 100))),
    # with β₁ = β₂ = ε = 0 a step is x − α·sign g: from x = 1 to 1 − α = ½
    Fault("adam", "sign-descent", "right", Q(95, 100), (H, Q(95, 100) * H)),
    # g = 0 at x = z = D/2: the bound on regret grows by D²G(√(k+1) − √k)/2α with the energy
    Fault("amsgrad", "regret", "error", Q(90, 100), (Q(0), Q(90, 100) - Q(99, 100))),
    # on slopes g far out (2/L)(f(x₁) − f⋆) is what x₀² loses, but for g²; with more than 2/L it is too much
    Fault("fgm-simple", "gap", "constant", Q(97, 100), (2 * (100 - Q(3, 2)) / Q(97, 100), Q(200 - 1)), "L"),
    # −½y² between its wells: steps lead away from the only minimiser, to a well that is not as deep
    Fault("fgm", "gap", "assumption", Q(1), (Q(2), Q(1)), "smooth"),
    Fault("heavy-ball", "gap", "assumption", Q(1), (Q(2), Q(1)), "smooth"),
]

SEVERAL = [
    # on slopes g far out and h = 0: 2γ(g(x − γg)) to 2γgx − γ²g²
    Fault("pgm", "gap", "weights", Q(103, 100), (Q(103, 100) * (2 - Q(2, 100)), 2 - Q(1, 100))),
    # f = ½μy², h = 0
    Fault("pgm", "distance", "rates", Q(98, 100), (Q(1, 4), Q(98, 100) / 4)),
    # h = 0, and −½y² between wells of which one is the minimiser: a step leads away from it
    Fault("fista", "gap", "assumption", Q(1), (Q(2), Q(1)), "smooth"),
    # f = ½(y − c)², C = [0, 1], from 0 to 1: 2·½(1 − c)² → 1 = LD²
    Fault("frank-wolfe", "gap", "error", Q(95, 100), ((1 - Q(1, 100)) ** 2, Q(95, 100))),
    # p = 1, ψ = 0, f = ½μy²: a gradient step
    Fault("prox-skip", "energy", "rates", Q(98, 100), (Q(1, 4), Q(98, 100) / 4)),
]

LINE = [
    # M|y| and g = ±M: the slope is the sample
    Fault("sgd", "gap", "error", Q(97, 100), (Q(2), 2 - 1 + Q(97, 100))),
    # slopes g far out, γ → 0: 2γ·gap to 2γgx
    Fault("sgd", "gap-sampled", "weights", Q(103, 100), (Q(103, 100) * (1 - Q(1, 100)), Q(1))),
    Fault("sgd", "gap-expected", "weights", Q(103, 100), (Q(103, 100) * (1 - Q(1, 100)), Q(1))),
    Fault("sgd", "gap-interpolation", "weights", Q(103, 100), (Q(103, 100) * (1 - Q(1, 100)), Q(1))),
    # ½Ly² at 0: E f(x⁺) = ½Lγ²σ²
    Fault("sgd", "gap-pl-variance", "error", Q(97, 100), (H, Q(97, 100) * H)),
    Fault("sgd-batch", "gap-pl", "error", Q(97, 100), (H, Q(97, 100) * H)),
    Fault("sgd-batch", "gap-pl-batch", "error", Q(97, 100), (H, Q(97, 100) * H)),
    Fault("sgd-root", "gap", "error", Q(97, 100), (Q(2), 2 - 1 + Q(97, 100))),
    Fault("sgd-root", "gap-sampled", "weight", Q(103, 100), (Q(103, 100) * (1 - Q(1, 100)), Q(1))),
    # at x⋆ E‖x⁺ − x⋆‖² = γ²σ², and 0.97(1 + s) < 1 for s = 1/100
    Fault("sgd-split", "distance", "error", Q(97, 100), (Q(1), Q(97, 100) * (1 + Q(1, 100)))),
    # ½Ly² with σ → 0: |γL − 1|²x²
    Fault("sgd-sampled", "distance-long", "rate", Q(98, 100), (Q(4), Q(98, 100) * 4)),
    # ‖x − x⁺‖ = t along a slope: x² − (x − t)² = 2tx − t² is t² + 2t·gap/M − …, gap = M(x − t)
    Fault("bpm", "distance-smooth", "slack", Q(105, 100), (Q(1), 1 + 2 - Q(105, 100) * 2)),
    Fault("bpm", "subgradient-decrease", "amount", Q(103, 100), (Q(1), 2 - Q(103, 100))),
    # M|y|: (1 − t/R)f(x), with t = R/1000 and R/2
    Fault("bpm", "gap-next-any-norm", "step", Q(102, 100), (Q(999, 1000), 1 - Q(102, 100) / 1002)),
    Fault("bpm", "gap-any-norm", "step", Q(102, 100), (H, 1 - Q(102, 100) / 2)),
    # Huber with γ = 1, L = 1 in N = 1 steps: 1/(4N + 2) is attained by a slope of 1/(2N + 1)
    Fault("gd", "gap", "initial", Q(97, 100), (Q(1, 6), Q(97, 100) / 6)),
    Fault("gd", "gradient-last", "initial", Q(97, 100), (Q(1, 4), Q(97, 100) / 4)),
    Fault("gd", "gap", "assumption", Q(1), (Q(2), Q(1)), "smooth"),
    # |y|: (x − t)² = x² − 2tx + t²
    Fault("normalised-subgradient", "reach", "error", Q(97, 100), (Q(2), 2 - 1 + Q(97, 100))),
    Fault("normalised-subgradient", "gradient", "error", Q(97, 100), (Q(1), H + Q(97, 100) * H)),
    Fault("subgradient", "gap", "weights", Q(103, 100), (Q(103, 100) * 2, Q(2))),
]

FAULTS = (*LAYERS, *OPERATORS, *MEMORY, *SEVERAL, *LINE)
