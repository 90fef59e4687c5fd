"""Sampling without replacement: the variance of the mean of a batch, proved for every n and b from counts."""

from __future__ import annotations

from certify.kernel import Certificate
from certify.language import Scalar, Trace
from certify.prove.products import find_proof
from certify.prove.prover import accepted


def batch_variance(factor: Scalar | None = None) -> tuple[Certificate, Certificate] | None:
    """Certificates for ≤ and ≥ in E‖(1/b)Σ_{i∈B} v_i − (1/n)Σv_i‖² = (factor/n) S²/b, |B| = b of n; None if not proved.

    `factor` is n − b unless another one is asked for, in the variables n and b. Known are, with p and q the chances
    that one index and that two are drawn, A = Σ‖v_i‖² and W = ‖Σv_i‖²,

        n p = b,  p + (n − 1)q = b p      (how many are drawn, and how many with a given one)
        M = pA + q(W − A)                 (M = E‖Σ_{i∈B} v_i‖², a double sum over what is drawn)
        n(n − 1)S² = nA − W               (S² the sample variance).

    As every sum drawn has the mean bΣv_i/n, the left-hand side is M/b² − W/n².
    """
    trace = Trace()
    n, b = (trace.scalar(name, sign="positive") for name in ("n", "b"))
    trace.assume(n - 1, strict=True, name="n>1")
    p, q, A, W, M, variance = (trace.scalar(name) for name in ("p", "q", "A", "W", "M", "S²"))
    trace.equate(n * p, b, name="drawn", note="b of n are drawn")
    trace.equate(p + (n - 1) * q, b * p, name="pairs", note="with a given one, b are drawn")
    trace.equate(M, p * A + q * (W - A), name="double sum", note="a double sum over what is drawn")
    trace.equate(n * (n - 1) * variance, n * A - W, name="variance", note="the sample variance")
    difference = n**2 * M - b**2 * W - b * n * (n - b if factor is None else factor) * variance
    sides = []
    for sign in (1, -1):
        statement = trace.statement(trace.cleared(sign * difference))
        case = accepted(statement, find_proof(statement, max_degree=2, max_multiplier=2, plain=False))
        if case is None:
            return None
        sides.append(case.certificate)
    return sides[0], sides[1]
