"""The kernel: certificates and their exact check. Everything Certify calls `proved` passed through here.

It imports the standard library only, never the rest of Certify, and trusts nobody who found a certificate.
"""

from certify.kernel.certificate import (
    SCHEMA, Certificate, EquationTerm, Fact, Functional, Moment, Proof, Statement, Term, inner_product_name,
)  # fmt: skip
from certify.kernel.check import MAX_WORK, Rejected, check
from certify.kernel.polynomial import ONE, Malformed, Monomial, Polynomial, monomial_text, times

__all__ = [
    "MAX_WORK", "ONE", "SCHEMA", "Certificate", "EquationTerm", "Fact", "Functional", "Malformed", "Moment", "Monomial",
    "Polynomial", "Proof", "Rejected", "Statement", "Term", "check", "inner_product_name", "monomial_text", "times",
]  # fmt: skip
