"""The kernel: certificates and their exact check. Everything Certify calls `proved` passed through here.

It imports the standard library only, never the rest of Certify, and trusts nobody who found a certificate.
"""

from certify.kernel.certificate import Certificate, EquationTerm, Fact, Functional, Moment, Proof, Statement, Term
from certify.kernel.check import Rejected, check
from certify.kernel.model import Model, NoModel, check_model
from certify.kernel.polynomial import Malformed, Monomial, Polynomial, inner_product_name
from certify.kernel.surd import Surd
from certify.kernel.worst_case import (
    AlgebraicBound,
    Attained,
    Unproved,
    UpperBound,
    WorstCase,
    check_attained,
    check_upper,
)

__all__ = [
    "AlgebraicBound", "Attained", "Certificate", "EquationTerm", "Fact", "Functional", "Malformed", "Model", "Moment",
    "Monomial", "NoModel", "Polynomial", "Proof", "Rejected", "Statement", "Surd", "Term", "Unproved", "UpperBound",
    "WorstCase", "check", "check_attained", "check_model", "check_upper", "inner_product_name",
]  # fmt: skip
