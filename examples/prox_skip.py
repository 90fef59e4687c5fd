"""One step of ProxSkip for every probability p, written by hand and checked by the kernel.

`certify worst-case prox-skip` bounds the same step at numbers; here p, γ, L and μ are symbols. Run it:
``python examples/prox_skip.py``.
"""

from __future__ import annotations

from certify.kernel import Certificate
from certify.language import Scalar, Trace, inner, norm2
from certify.prove.products import find_proof
from certify.prove.prover import accepted


def step(*, long: bool = False, loss: Scalar | None = None) -> Certificate | None:
    """E Ψ(x⁺, h⁺) ≤ ρ Ψ(x, h) with Ψ = ‖x − x⋆‖² + (γ/p)²‖h − ∇f(x⋆)‖²; None if there is no proof.

    ρ is any number with ρ ≥ (1 − γμ)² and ρ ≥ 1 − p², for γ ≤ 2/(L + μ); with `long`, ρ ≥ (1 − γL)² for γ ≥ 2/(L + μ).
    `loss` replaces p² in the second condition. Written with c = γ/p; all vectors are differences to what they are
    at the solution: X = x − x⋆, G = ∇f(x) − ∇f(x⋆), H = h − ∇f(x⋆), and v = ∇f(x⋆) + a subgradient of ψ at x⁺.
    """
    trace = Trace()
    L, mu, rho = (trace.scalar(name) for name in ("L", "mu", "rho"))
    c, p = (trace.scalar(name, sign="positive") for name in ("c", "p"))
    gamma, square = c * p, p**2 if loss is None else loss
    half = gamma * (L + mu)
    trace.assume(half - 2 if long else 2 - half, name="range of γ")
    trace.assume(rho - (1 - gamma * (L if long else mu)) ** 2, name="rate of f")
    trace.assume(rho - 1 + square, name="rate of the coin")
    X, G, H, v = (trace.vector(name) for name in ("X", "G", "H", "v"))
    trace.suppose(inner(G - mu * X, L * X - G) >= 0, name="smooth, strongly convex")
    trace.suppose(inner(L * X - G if long else G - mu * X, X) >= 0, name="Lipschitz" if long else "strongly monotone")
    middle = X - gamma * G + gamma * H
    y = middle - c * (H + v)  # x⁺ − x⋆, and h⁺ − ∇f(x⋆) = −v
    trace.suppose(inner(v, y) >= 0, name="monotone")
    after = p * (norm2(y) + c**2 * norm2(v)) + (1 - p) * (norm2(middle) + c**2 * norm2(H))
    before = norm2(X) + c**2 * norm2(H)
    statement = trace.statement(trace.cleared(rho * before - after))
    case = accepted(statement, find_proof(statement, max_degree=4, max_multiplier=0, seconds=60))
    return case.certificate if case else None


def main() -> None:
    """Print both ranges of γ."""
    for long, rate in (
        (False, "(1 − γμ)², 1 − p²} Ψ for γ ≤ 2/(L + μ)"),
        (True, "(1 − γL)², 1 − p²} Ψ for γ ≥ 2/(L + μ)"),
    ):
        print(f"E Ψ⁺ ≤ max{{{rate}: {'proved' if step(long=long) else 'open'}")


if __name__ == "__main__":
    main()
