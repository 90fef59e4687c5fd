"""The recursion lemmas: from a one-step inequality to a bound after N steps and a number of steps for accuracy ε.

Every lemma is a theorem about sequences of real numbers. Where its induction step is algebraic, the certificate of
that step is found and checked by the kernel whenever the lemma is used (see `inductions`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy as sp

N = sp.Symbol("N", positive=True, integer=True)
EPSILON = sp.Symbol("accuracy", positive=True)  # parameters of methods may be called epsilon


@dataclass(frozen=True)
class Conclusion:
    """What a lemma gives: measure ≤ `bound` after N steps, and `complexity` steps suffice for measure ≤ ε."""

    lemma: str
    bound: Any
    complexity: Any
    about: str


def contraction(rate: Any, initial: Any, error: Any = 0) -> Conclusion:
    """a⁺ ≤ q a + e, 0 ≤ q < 1 ⇒ a_N ≤ q^N a_0 + e (1 − q^N)/(1 − q); ε counts what is above the floor e/(1 − q)."""
    bound = rate**N * initial + error * (1 - rate**N) / (1 - rate)
    steps = sp.ceiling(sp.log(initial / EPSILON) / sp.log(1 / rate))
    return Conclusion("contraction", bound, steps, "a⁺ ≤ q·a + e ⇒ a_N ≤ q^N·a₀ + e(1 − q^N)/(1 − q)")


def finite_contraction(rate: Any, least: Any, initial: Any) -> Conclusion:
    """a⁺ ≤ q a, 0 ≤ q < 1, and a > m while not terminated ⇒ terminated after 1 + ⌈ln(a_0/m)/ln(1/q)⌉ steps at most.

    Otherwise m < a_k ≤ q^k a_0 at k = ⌈ln(a_0/m)/ln(1/q)⌉, as the step from there does not terminate.
    """
    steps = 1 + sp.ceiling(sp.log(initial / least) / sp.log(1 / rate))
    about = "a⁺ ≤ q·a, a > m until optimal ⇒ optimal after 1 + ⌈ln(a₀/m)/ln(1/q)⌉ steps"
    return Conclusion("finite contraction", rate**N * initial, steps, about)


def telescoping(weight: Any, initial: Any, error: Any = 0, final_weight: Any = 0) -> Conclusion:
    """w·a_k ≤ V_k − V_{k+1} + e, V_N ≥ v·a_N ⇒ min a ≤ (V_0 + N e)/(N w + v).

    ε counts what is above the floor e/w.
    """
    bound = (initial + N * error) / (N * weight + final_weight)
    steps = sp.ceiling((initial / EPSILON - final_weight) / weight)
    return Conclusion("telescoping", bound, steps, "w·a_k ≤ V_k − V_{k+1} + e, V ≥ 0 ⇒ min a ≤ (V₀ + N·e)/(N·w)")


def self_scaled(weight: Any, initial: Any, scale: Any) -> Conclusion:
    """c·a_k/b_{k+1} ≤ V_k − V_{k+1}, b_{k+1}² = b_k² + a_k, V ≥ 0 ⇒ Σ a ≤ (V_0/c)(b_0 + V_0/c).

    By induction c(b_k² − b_0²) ≤ (V_0 − V_k) b_k; so c(b_k − b_0) ≤ V_0, and b_N ≤ b_0 + V_0/c.
    """
    total = initial / weight * (scale + initial / weight)
    about = "c·a_k/b_{k+1} ≤ V_k − V_{k+1}, b_{k+1}² = b_k² + a_k ⇒ Σa ≤ (V₀/c)(b₀ + V₀/c)"
    return Conclusion("self-scaled telescoping", total / N, sp.ceiling(total / EPSILON), about)


def averaging(total: Any, initial: Any, spent: Any) -> Conclusion:
    """w_k·a_k ≤ V_k − V_{k+1} + e_k, V ≥ 0 ⇒ Σ w·a/Σ w ≤ (V_0 + spent)/total if Σ w ≥ total > 0 and Σ e ≤ spent."""
    return Conclusion(
        "averaging", (initial + spent) / total, None, "w·a_k ≤ V_k − V_{k+1} + e ⇒ Σw·a/Σw ≤ (V₀ + Σe)/Σw"
    )


def even_averaging(total: Any, initial: Any, spent: Any) -> Conclusion:
    """w_k·a_k ≤ V_k − V_{k+1} + e_k, V ≥ 0, w_k ≥ w, a_k ≥ 0 ⇒ Σ a/N ≤ (V_0 + spent)/(N·w) if Σ e ≤ spent.

    `total` is N·w.
    """
    about = "w_k·a_k ≤ V_k − V_{k+1} + e, w_k ≥ w ⇒ Σa/N ≤ (V₀ + Σe)/(N·w)"
    return Conclusion("even averaging", (initial + spent) / total, None, about)


def weighted_telescoping(weight: Any, initial: Any, error: Any) -> Conclusion:
    """w_{k+1} a_{k+1} ≤ w_k a_k + e ⇒ a_N ≤ (w_0 a_0 + N e)/w_N, `weight` = w as a function of k, `initial` = a_0."""
    bound = (weight(0) * initial + N * error) / weight(N)
    return Conclusion("weighted telescoping", bound, _least_steps(bound), "w⁺a⁺ ≤ w·a + e ⇒ a_N ≤ (w₀a₀ + N·e)/w_N")


def quadratic_decrease(coefficient: Any, initial: Any) -> Conclusion:
    """a⁺ ≤ a − c a², a ≥ 0 ⇒ 1/a_N ≥ 1/a_0 + c N."""
    steps = sp.ceiling((1 / EPSILON - 1 / initial) / coefficient)
    return Conclusion(
        "quadratic decrease", initial / (1 + coefficient * N * initial), steps, "a⁺ ≤ a − c·a² ⇒ 1/a_N ≥ 1/a₀ + c·N"
    )


def square_root_decrease(coefficient: Any, initial: Any) -> Conclusion:
    """a⁺ ≤ a − c √a ⇒ √a_N ≤ √a_0 − cN/2, so a_N = 0 after finitely many steps."""
    bound = sp.Max(0, sp.sqrt(initial) - coefficient * N / 2) ** 2
    steps = sp.ceiling(2 * (sp.sqrt(initial) - sp.sqrt(EPSILON)) / coefficient)
    return Conclusion("square-root decrease", bound, steps, "a⁺ ≤ a − c·√a ⇒ √a_N ≤ √a₀ − c·N/2")


def integral_decrease(decrease: Any, initial: Any) -> Conclusion:
    """a⁺ ≤ a − φ(a), φ increasing and positive ⇒ a_N ≤ ε for N = ⌈∫_ε^{a_0} ds/φ(s)⌉ (no closed bound in N)."""
    s = sp.Symbol("s", positive=True)
    steps = sp.ceiling(sp.integrate(1 / decrease(s), (s, EPSILON, initial)))
    return Conclusion("integral decrease", None, steps, "a⁺ ≤ a − φ(a) ⇒ a_N ≤ ε for N ≥ ∫_ε^{a₀} ds/φ(s)")


def saturating_decrease(weight: Any, offset: Any, slope: Any, initial: Any) -> Conclusion:
    """w q²/(A + B q) ≤ V − V⁺, V ≥ 0 ⇒ min q ≤ ε among N ≥ V_0 (A + Bε)/(w ε²) values.

    Induction with the tangent of slope θ = ε/(A + Bε): N w (2θm − θ²(A + Bm)) ≤ V_0 for the least value m, and the left
    side is N w ε²/(A + Bε) at m = ε and increases with m.
    """
    half = slope * initial / (2 * weight * N)
    bound = half + sp.sqrt(half**2 + offset * initial / (weight * N))
    steps = sp.ceiling(sp.expand(initial * offset / weight) / EPSILON**2 + initial * slope / (weight * EPSILON))
    about = "w·q²/(A + B·q) ≤ V_k − V_{k+1}, V ≥ 0 ⇒ min q ≤ ε for N ≥ V₀(A + B·ε)/(w·ε²)"
    return Conclusion("saturating decrease", bound, steps, about)


def dominated_decrease(weight: Any, offset: Any, slope: Any, modulus: Any, initial: Any) -> Conclusion:
    """w q²/(A + B q) ≤ V − V⁺ and q² ≥ 2μV ⇒ V_N ≤ ε for N ≥ ∫ (A + B√(2μs))/(2wμs) ds from ε to V_0."""
    linear = offset * sp.log(initial / EPSILON) / (2 * weight * modulus)
    start = slope * sp.sqrt(2 / modulus) * (sp.sqrt(initial) - sp.sqrt(EPSILON)) / weight
    about = "w·q²/(A + B·q) ≤ V − V⁺, q² ≥ 2μV ⇒ V_N ≤ ε for N ≥ ∫ (A + B√(2μs))/(2wμs) ds from ε to V₀"
    return Conclusion("dominated decrease", None, sp.ceiling(linear + start), about)


def finite_decrease(amount: Any, initial: Any) -> Conclusion:
    """V⁺ ≤ V − c while not terminated, V ≥ 0 ⇒ terminated after at most ⌈V_0/c⌉ steps."""
    return Conclusion(
        "finite decrease",
        initial - N * amount,
        sp.ceiling(initial / amount),
        "V⁺ ≤ V − c until optimal, V ≥ 0 ⇒ optimal after ⌈V₀/c⌉ steps",
    )


def product_decrease(step: Any, distance: Any, initial: Any) -> Conclusion:
    """a⁺ ≤ (1 − t/d_k) a, t < d_k ≤ d_0 + k t ⇒ a_N ≤ (d_0 − t)/(d_0 + (N − 1) t) a_0 (the product telescopes)."""
    bound = (distance - step) / (distance + (N - 1) * step) * initial
    steps = sp.ceiling((distance - step) * initial / (EPSILON * step) - distance / step + 1)
    return Conclusion(
        "product decrease", bound, steps, "a⁺ ≤ (1 − t/d_k)·a, d_k ≤ d₀ + k·t ⇒ a_N ≤ (d₀ − t)/(d₀ + (N−1)t)·a₀"
    )


def potential(scale: Any, initial: Any) -> Conclusion:
    """Φ_{k+1} ≤ Φ_k, Φ_0 ≤ I, Φ_N ≥ s(N) a_N ⇒ a_N ≤ I/s(N)."""
    bound = initial / scale
    root = _least_steps(bound)
    return Conclusion("potential", bound, root, "Φ_{k+1} ≤ Φ_k, Φ₀ ≤ I, Φ_N ≥ s·a_N ⇒ a_N ≤ I/s")


def energy(scale: Any, initial: Any, spent: Any) -> Conclusion:
    """V_{k+1} ≤ V_k + e_k, V_N ≥ s(N) a_N ⇒ a_N ≤ (V_0 + spent(N))/s(N) if Σ e ≤ spent."""
    bound = (initial + spent) / scale
    about = "V_{k+1} ≤ V_k + e_k, V_N ≥ s·a_N ⇒ a_N ≤ (V₀ + Σe)/s"
    return Conclusion("energy", bound, _least_steps(bound), about)


def titu(numerators: Any, denominators: Any) -> Any:
    """Σ a_i²/b_i ≥ (Σ a_i)²/Σ b_i for b > 0 (the right-hand side, for sums given as expressions)."""
    return numerators**2 / denominators


def logarithm(final: Any, start: Any) -> Any:
    """b_j² = b_{j−1}² + a_j, a_j ≥ 0 ⇒ Σ a_j/b_j² ≤ ln(b_N²/b_0²) (the right-hand side)."""
    return sp.log(final / start)


def exponential_average(beta: Any, start: Any, drift: Any, noise: Any) -> Any:
    """e_k = β e_{k−1} + β D + (1 − β) n with constant D, n ⇒ e_N = β^N e_0 + βD (1 − β^N)/(1 − β) + (1 − β^N) n."""
    return beta**N * start + beta * drift * (1 - beta**N) / (1 - beta) + (1 - beta**N) * noise


def _least_steps(bound: Any) -> Any:
    """⌈N⌉ from bound(N) = ε; None if SymPy finds no positive closed form."""
    unknown = sp.Symbol("n", positive=True)
    numerator = sp.numer(sp.together(bound.subs(N, unknown) - EPSILON))
    solutions = sp.roots(sp.Poly(numerator, unknown), multiple=True) if numerator.is_polynomial(unknown) else []
    for number in (sp.Integer(7), sp.Rational(4, 3)):  # of γL only the second is less than 2
        point = {s: sp.Rational(1, 10) if s == EPSILON else number for s in bound.free_symbols | {EPSILON}}
        positive = [s for s in solutions if (value := s.subs(point)).is_real and value > 0]
        if positive:
            return sp.ceiling(sp.simplify(positive[0]))
    return None
