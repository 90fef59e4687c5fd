"""α-NormEC: error compensation with smoothed normalisation, its invariant and its bound for every α, β, γ and R.

    v_i = ∇f_i(x) − g_i,  g_i⁺ = g_i + βv_i/(α + ‖v_i‖),  ĝ = mean of the g_i⁺,  x⁺ = x − γĝ/‖ĝ‖

With f_i L_i-smooth, ‖v_i‖ ≤ R at the start, β ≤ α and γ ≤ βR/(L_max(α + R)): ‖v_i‖ ≤ R at every step, and
(1/N)Σ‖∇f(x_k)‖ ≤ (f(x₀) − f⋆)/(γN) + 2R(1 − β/(α + R)) + Lγ/2.
Source of the method: arXiv 2502.13482. Run it: ``python examples/alpha_normec.py``.
"""

from __future__ import annotations

from certify.kernel import Certificate
from certify.language import Scalar, Trace
from certify.prove.products import find_proof
from certify.prove.prover import accepted


def shrinking(*, restricted: bool = True) -> Certificate | None:
    """r(1 − β/(α + r)) ≤ R(1 − β/(α + R)) for 0 ≤ r ≤ R and β ≤ α: what is left of v_i after compensation.

    Without `restricted` nothing is said of β, and the claim is false.
    """
    trace, (alpha, beta, R, r) = _numbers()
    if restricted:
        trace.assume(alpha - beta, name="β≤α")
    return _proved(trace, R * (1 - beta / (alpha + R)) - r * (1 - beta / (alpha + r)))


def invariant(*, factor: int = 1) -> Certificate | None:
    """‖v_i⁺‖ ≤ left + L_iγ ≤ R if left ≤ R(1 − β/(α + R)) and L_iγ ≤ factor · βR/(α + R), as the triangle allows."""
    trace, (alpha, beta, R, _) = _numbers()
    left, moved, size = (trace.scalar(name, sign="nonnegative") for name in ("left", "moved", "‖v⁺‖"))
    trace.assume(alpha + R, strict=True, name="α+R>0")
    trace.assume(left + moved - size, name="triangle")
    trace.assume(R * (1 - beta / (alpha + R)) - left, name="compensated")
    trace.assume(factor * beta * R / (alpha + R) - moved, name="γ≤βR/(L(α+R))")
    return _proved(trace, R - size)


def descent(*, factor: int = 2) -> Certificate | None:
    """f(x⁺) ≤ f(x) − γ‖∇f(x)‖ + factor · γe + Lγ²/2 with e = ‖∇f(x) − ĝ‖ ≤ R(1 − β/(α + R)), the mean of what is left.

    Of the norms a = ‖∇f(x)‖, b = ‖ĝ‖ > 0 and s = ⟨∇f(x), ĝ⟩ are known s ≥ b² − eb (Cauchy, Schwarz) and b ≥ a − e.
    """
    trace = Trace()
    b, gamma, L = (trace.scalar(name, sign="positive") for name in ("b", "gamma", "L"))
    a, e = (trace.scalar(name, sign="nonnegative") for name in ("a", "e"))
    s, before, after = (trace.scalar(name) for name in ("s", "F", "F⁺"))
    trace.assume(s - b**2 + e * b, name="Cauchy, Schwarz")
    trace.assume(b - a + e, name="triangle")
    trace.assume(before - gamma * s / b + L * gamma**2 / 2 - after, name="smooth")
    return _proved(trace, before - gamma * a + factor * gamma * e + L * gamma**2 / 2 - after)


def _numbers() -> tuple[Trace, tuple[Scalar, Scalar, Scalar, Scalar]]:
    trace = Trace()
    alpha, beta, R = (trace.scalar(name, sign="positive") for name in ("alpha", "beta", "R"))
    r = trace.scalar("r", sign="nonnegative")
    trace.assume(R - r, name="r≤R")
    return trace, (alpha, beta, R, r)


def _proved(trace: Trace, conclusion: Scalar) -> Certificate | None:
    statement = trace.statement(trace.cleared(conclusion))
    case = accepted(statement, find_proof(statement, max_degree=4, max_multiplier=1, plain=False))
    return case.certificate if case else None


def main() -> None:
    """Print the three inequalities."""
    for check in (shrinking, invariant, descent):
        print(f"{'proved' if check() else 'open'}: {' '.join((check.__doc__ or '').split())}")


if __name__ == "__main__":
    main()
