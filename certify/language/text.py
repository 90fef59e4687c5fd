"""Formulas as people write them, in Unicode: γ(2 − γL)‖g0‖² rather than a dictionary of monomials."""

from __future__ import annotations

import re
from fractions import Fraction

from certify.kernel import Monomial, Polynomial
from certify.language.rings import factor
from certify.language.scalar import Scalar

GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "eta": "η", "theta": "θ", "kappa": "κ",
    "lambda": "λ", "mu": "μ", "rho": "ρ", "sigma": "σ", "tau": "τ", "omega": "ω",
}  # fmt: skip
_SUPERSCRIPT = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_SUBSCRIPT = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def name_text(name: str) -> str:
    """A quantity: ``gamma`` → γ, ``f0`` → f₀, ``<a,b>`` → ⟨a, b⟩ or ‖a‖²."""
    if match := re.fullmatch(r"<(.*),(.*)>", name):
        left, right = (vector_text(v) for v in match.groups())
        return f"‖{left}‖²" if left == right else f"⟨{left}, {right}⟩"
    if match := re.fullmatch(r"\((.*)\|(.*)\)", name):
        return f"⟨{vector_text(match[1])}, {vector_text(match[2])}⟩"
    if match := re.fullmatch(r"\|(.*)\|(_?)", name):
        return f"‖{vector_text(match[1])}‖{'*' if match[2] else ''}"
    if match := re.fullmatch(r"([a-z]+)(\d+)('*)", name):
        base, digits, primes = match.groups()
        return GREEK.get(base, base) + digits.translate(_SUBSCRIPT) + primes
    return GREEK.get(name, name)


def vector_text(name: str) -> str:
    """A basis vector: ``x0-x⋆`` → x₀−x⋆."""
    return re.sub(r"(?<=[a-z])\d+", lambda m: m[0].translate(_SUBSCRIPT), name).replace("-", "−")


def monomial_text(monomial: Monomial) -> str:
    """Parameters first, then function values and inner products."""
    parts = []
    for name, exponent in sorted(monomial, key=lambda item: (item[0][0] in "<(|f", item[0])):
        text = name_text(name)
        if exponent > 1:
            text = (f"({text})" if text.endswith("²") else text) + str(exponent).translate(_SUPERSCRIPT)
        parts.append(text)
    separator = "·" if any(len(p.rstrip("₀₁₂₃₄₅₆₇₈₉⁰¹²³⁴⁵⁶⁷⁸⁹")) > 1 and p[0].isalpha() for p in parts) else ""
    return separator.join(parts)


def polynomial_text(polynomial: Polynomial) -> str:
    """A sum of monomials, low degree first."""
    if not polynomial:
        return "0"
    pieces = []
    ordered = sorted(polynomial.terms.items(), key=lambda t: (sum(e for _, e in t[0]), t[1] < 0, t[0]))
    for monomial, coefficient in ordered:
        sign = " − " if coefficient < 0 else " + "
        size, body = abs(coefficient), monomial_text(monomial)
        number = "" if size == 1 and body else _number(size)
        pieces.append(sign + number + body)
    text = "".join(pieces)
    return text[3:] if text.startswith(" + ") else "−" + text[3:]


def scalar_text(scalar: Scalar) -> str:
    """A rational function in factored form."""
    if not scalar.numerator:
        return "0"
    content, factors = factor(scalar.numerator)
    if content < 0:  # rather (R − t) than −(t − R)
        for i, (base, exponent) in enumerate(factors):
            mixed = any(c > 0 for _, c in base) and any(c < 0 for _, c in base)
            if exponent % 2 and mixed and not any(n.startswith("f") for n in base.variables):
                factors = (*factors[:i], (-base, exponent), *factors[i + 1 :])
                content = -content
                break
    top = _product(factors)
    if len(factors) == 1 and factors[0][1] == 1 and not scalar.denominators:
        return polynomial_text(scalar.numerator)
    sign = "−" if content < 0 else ""
    numerator, denominator = abs(content).numerator, abs(content).denominator
    head = f"{numerator}{top}" if numerator != 1 or not top else top
    bottom = (str(denominator) if denominator != 1 else "") + _product(scalar.denominators)
    if not bottom:
        return sign + head
    single = len(scalar.denominators) + (denominator != 1) == 1 and (denominator == 1 or not scalar.denominators)
    return f"{sign}{head}/{bottom if single else f'({bottom})'}"


def _product(factors: tuple[tuple[Polynomial, int], ...]) -> str:
    text = ""
    for base, exponent in sorted(factors, key=lambda item: len(item[0].terms)):
        body = polynomial_text(base)
        if len(base.terms) > 1:
            body = f"({body})"
        elif exponent > 1 and body.endswith("²"):
            body = f"({body})"
        text += body + (str(exponent).translate(_SUPERSCRIPT) if exponent > 1 else "")
    return text


def _number(value: Fraction) -> str:
    return str(value.numerator) if value.denominator == 1 else f"({value.numerator}/{value.denominator})"
