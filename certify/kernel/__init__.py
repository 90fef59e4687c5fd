"""The kernel: certificates and their exact check. Everything Certify calls `proved` passed through here.

It imports the standard library only, never the rest of Certify, and trusts nobody who found a certificate.
"""

from certify.kernel.certificate import Certificate, EquationTerm, Fact, Functional, Moment, Proof, Statement, Term
from certify.kernel.check import Rejected, check
from certify.kernel.polynomial import Malformed, Monomial, Polynomial, inner_product_name

__all__ = [
    "Certificate", "EquationTerm", "Fact", "Functional", "Malformed", "Moment", "Monomial", "Polynomial", "Proof",
    "Rejected", "Statement", "Term", "check", "inner_product_name",
]  # fmt: skip
