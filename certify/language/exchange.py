"""Scalars as JSON data, for certificate files and between processes; reading bounds sizes and never evaluates text."""

from __future__ import annotations

from typing import Any

from certify.kernel import Malformed, Polynomial
from certify.language.scalar import Scalar, exact


def scalar_json(value: Scalar) -> dict[str, Any]:
    """A scalar as JSON data."""
    scalar = exact(value)
    return {"numerator": scalar.numerator.to_json(), "denominator": scalar.denominator.to_json()}


def scalar_from_json(data: object) -> Scalar:
    """The inverse of `scalar_json`; raises `Malformed`."""
    if not isinstance(data, dict):
        raise Malformed("a scalar must be an object with numerator and denominator")
    denominator = Polynomial.from_json(data.get("denominator"))
    if not denominator:
        raise Malformed("a scalar has denominator 0")
    numerator = Polynomial.from_json(data.get("numerator"))
    if max(numerator.degree, denominator.degree) > 60 or max(len(numerator.terms), len(denominator.terms)) > 500:
        raise Malformed("a scalar has degree above 60 or more than 500 monomials")
    return Scalar(numerator) / Scalar(denominator)
