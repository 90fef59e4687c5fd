"""Formulas as people write them, in Unicode: γ(2 − γL)‖g0‖² rather than a dictionary of monomials."""

from __future__ import annotations

import re
from fractions import Fraction

from certify.kernel import Monomial, Polynomial
from certify.language.atoms import read_atom, split
from certify.language.rings import factor
from certify.language.scalar import Scalar

GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "eta": "η", "theta": "θ", "kappa": "κ",
    "lambda": "λ", "lam": "λ", "epsilon": "ε",
    "mu": "μ", "nu": "ν", "rho": "ρ", "sigma": "σ", "tau": "τ", "omega": "ω", "psi": "ψ",
}  # fmt: skip
_SUPERSCRIPT = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_SUBSCRIPT = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
EACH = "ᵢ"
"""The end of a name of what has one value for each layer, where it is printed without a sum."""


def name_text(name: str) -> str:
    """A quantity: ``gamma`` → γ, ``f0`` → f₀, ``<a,b>`` → ⟨a, b⟩ or ‖a‖²."""
    if name.endswith(EACH):
        return layer_text(name.removesuffix(EACH))
    if name in ("Delta_0", "G_0"):
        return {"Delta_0": "Δ₀", "G_0": "G₀"}[name]
    if (parts := sum_parts(name)) is not None:
        over, below = ("".join(_layer_power(n, e) for n, e in side) for side in parts)
        return f"Σ{over or '1'}" + (f"/({below})" if sum(map(len, parts[1:])) > 1 else f"/{below}" if below else "")
    if match := re.fullmatch(r"max\[(.*)\]", name):
        return f"max {layer_text(match[1])}"
    if match := re.fullmatch(r"length\[(.*)\]", name):
        return f"√(Σ{layer_text(match[1])}²)"
    if match := re.fullmatch(r"inv\((.*)\)", name):
        return f"1/{layer_text(match[1])}" if match[1].isalnum() else f"1/({layer_text(match[1])})"
    if name[0] == "⅟":
        return f"1/{name_text(name[1:])}"
    if (found := read_atom(name)) is not None:
        inside = polynomial_text(found[1])
        return f"√{inside}" if found[0] == "√" and inside.isalnum() else f"{found[0]}({inside})"
    if (parts := moment_parts(name)) is not None:
        texts = [name_text(p) for p in parts]
        return "E" + ("" if texts[0][0] in "‖⟨" else " ") + "·".join(texts)
    if match := re.fullmatch(r"<(.*),(.*)>", name):
        left, right = (vector_text(v) for v in match.groups())
        return f"‖{left}‖²" if left == right else f"⟨{left}, {right}⟩"
    if match := re.fullmatch(r"\((.*)\|(.*)\)", name):
        return f"⟨{vector_text(match[1])}, {vector_text(match[2])}⟩"
    if match := re.fullmatch(r"\|(.*)\|(_?)", name):
        return f"‖{vector_text(match[1])}‖{'*' if match[2] else ''}"
    if match := re.fullmatch(r"(f|fi|psi|h|c)_(\d+|⋆)('*)", name):  # of one of several functions, or a sample
        function = {"fi": "fᵢ"}.get(match[1], GREEK.get(match[1], match[1]))
        return f"{function}(x{match[2].translate(_SUBSCRIPT)}{match[3]})"
    if match := re.fullmatch(r"fi_([a-z]\d+)('*)", name):  # of a sample at the entry of a table
        return f"fᵢ({match[1].translate(_SUBSCRIPT)}{match[2]})"
    if match := re.fullmatch(r"([a-z])(\d+)_(\d+|⋆)('*)", name):  # of one of several functions with numbers
        return f"{match[1]}{match[2].translate(_SUBSCRIPT)}(x{match[3].translate(_SUBSCRIPT)}{match[4]})"
    if re.fullmatch(DIFFERENCE, name):
        return f"({vector_text(name)})"
    if match := re.fullmatch(r"([a-z]+)_?(\d+)('*)", name):
        base, digits, primes = match.groups()
        return GREEK.get(base, base) + digits.translate(_SUBSCRIPT) + primes
    return GREEK.get(name, name)


DIFFERENCE = r"[a-z]+\d+'*-[a-z]⋆"
"""A coordinate of a difference of points: ``x0-x⋆``."""


def moment_parts(name: str) -> list[str] | None:
    """The quantities whose product a moment ``E[…]`` is the mean of; None for other names."""
    match = re.fullmatch(r"E\[(.*)\]", name)
    if match is None:
        return None
    parts = split(match[1], "·")
    return [f"<{p[1:-1].replace('·', ',')}>" if p[0] == "⟨" else p for p in parts]


Powers = list[tuple[str, int]]


def sum_parts(name: str) -> tuple[Powers, Powers] | None:
    """What a sum over layers ``Σ[…]`` is a sum of: factors above and below the fraction bar; None for other names."""
    match = re.fullmatch(r"Σ\[(.*)\]", name)
    if match is None:
        return None
    sides: tuple[dict[str, int], dict[str, int]] = {}, {}
    for part in split(match[1], "·"):
        inverse = re.fullmatch(r"inv\((.*)\)|⅟(.*)", part)
        side, factor = (sides[1], inverse[1] or inverse[2]) if inverse else (sides[0], part)
        side[factor] = side.get(factor, 0) + 1
    return list(sides[0].items()), list(sides[1].items())


def layer_text(name: str) -> str:
    """A quantity of one layer, with the index i; or a sum of products of such quantities, as in a name."""
    if name[0] == "#":
        return "(…)"
    if read_atom(name) is not None or re.fullmatch(r"\|[^|]*\|_?|\([^()]*\)", name):
        return name_text(name)
    if "+" in name:
        return " + ".join(layer_text(part) for part in name.split("+"))
    if "⋅" in name:
        return "".join(layer_text(part) for part in name.split("⋅"))
    text = name_text(name)
    return text if text[0] in "‖⟨" or text.isdigit() else f"{text}ᵢ"


def _layer_power(name: str, exponent: int) -> str:
    text = layer_text(name)
    text = f"({text})" if " + " in text else text
    return text + (str(exponent).translate(_SUPERSCRIPT) if exponent > 1 else "")


def vector_text(name: str) -> str:
    """A basis vector: ``x0-x⋆`` → x₀−x⋆."""
    bare = re.sub(r"(?<=[a-z])_(?=[\d⋆])", "", name).replace("gpsi", "gψ")  # entries of a state: h_0 and h_⋆
    bare = re.sub(r"(?<![a-z])g([a-z])(\d+)_(⋆|\d+'*)", r"g\1\2(x\3)", bare)  # of one of several functions with numbers
    bare = bare[1:-1] if re.fullmatch(r"\([^()]*\)", bare) else bare
    return re.sub(r"(?<=[a-zψ])\d+", lambda m: m[0].translate(_SUBSCRIPT), bare).replace("-", "−")


def ordered_factors(monomial: Monomial) -> list[tuple[str, int]]:
    """The order in which a monomial is printed: parameters first, then function values and inner products."""
    return sorted(
        monomial,
        key=lambda item: (item[0][0] in "<(|f" or item[0].startswith("E["), item[0] in ("R", "Delta_0"), item[0]),
    )


def ordered_terms(polynomial: Polynomial) -> list[tuple[Monomial, Fraction]]:
    """The order in which a sum is printed: low degree first, positive before negative."""
    return sorted(polynomial.terms.items(), key=lambda t: (sum(e for _, e in t[0]), t[1] < 0, t[0]))


def monomial_text(monomial: Monomial) -> str:
    """γ²L‖g₀‖²."""
    parts = []
    for name, exponent in ordered_factors(monomial):
        text = name_text(name)
        text = enclosed(text) if exponent > 1 or len(monomial) > 1 else text
        if exponent > 1:
            text = (f"({text})" if text.endswith("²") else text) + str(exponent).translate(_SUPERSCRIPT)
        parts.append(text)
    text = ""
    for part in parts:
        # ⋆ and letters of several characters would run into their neighbours.
        text += ("·" if text and (text.endswith("⋆") or part == "f⋆" or part.startswith("ln(")) else "") + part
    return text


def enclosed(text: str) -> str:
    """The text of a quantity in parentheses if it would run into its neighbours in a product."""
    return f"({text})" if text[0] == "Σ" or text.startswith(("1/", "max ")) else text


def polynomial_text(polynomial: Polynomial) -> str:
    """A sum of monomials, low degree first."""
    if not polynomial:
        return "0"
    pieces = []
    for monomial, coefficient in ordered_terms(polynomial):
        sign = " − " if coefficient < 0 else " + "
        size, body = abs(coefficient), monomial_text(monomial)
        number = "" if size == 1 and body else _number(size)
        pieces.append(sign + number + body)
    text = "".join(pieces)
    return text[3:] if text.startswith(" + ") else "−" + text[3:]


Factors = tuple[tuple[Polynomial, int], ...]


def factored(scalar: Scalar) -> tuple[bool, Fraction, Factors, Factors]:
    """Sign, positive rational content, numerator factors and denominator factors, oriented for reading.

    Rather (R − t) than −(t − R): differences are turned so that the sign in front disappears, if possible.
    """
    if not scalar.numerator:
        return False, Fraction(0), (), ()
    content, factors = factor(scalar.numerator)
    bottom = scalar.denominators
    negative = content < 0
    if negative:
        turned = _turned(factors)
        if turned is None and (below := _turned(bottom)) is not None:
            bottom, negative = below, False
        elif turned is not None:
            factors, negative = turned, False
    key = lambda item: (len(item[0].terms), max(item[0].terms))  # noqa: E731
    return negative, abs(content), tuple(sorted(factors, key=key)), tuple(sorted(bottom, key=key))


def _turned(factors: Factors) -> Factors | None:
    """The factors with one difference turned round; None if there is none (f − f⋆ stays as it is)."""
    for i, (base, exponent) in enumerate(factors):
        mixed = any(c > 0 for _, c in base) and any(c < 0 for _, c in base)
        if exponent % 2 and mixed and not any(n.startswith("f") for n in base.variables):
            return (*factors[:i], (-base, exponent), *factors[i + 1 :])
    return None


def scalar_text(scalar: Scalar) -> str:
    """A rational function in factored form."""
    negative, number, top, bottom = factored(scalar)
    if not number:
        return "0"
    if number.denominator == 1 and not bottom and len(top) == 1 and top[0][1] == 1:
        return polynomial_text(scalar.numerator)
    head = _product(top, number.numerator)
    foot = _product(bottom, number.denominator)
    text = ("−" if negative else "") + head
    if foot == "1":
        return text
    single = (len(bottom) + (number.denominator != 1)) == 1 and (
        not bottom or len(bottom[0][0].terms) > 1 or _short(bottom)
    )
    return f"{text}/{foot if single else f'({foot})'}"


def _short(factors: Factors) -> bool:
    """A power of one variable, which needs no parentheses under a fraction bar."""
    return len(factors) == 1 and len(next(iter(factors[0][0].terms))) == 1


def _product(factors: Factors, number: int) -> str:
    text = str(number) if number != 1 or not factors else ""
    for base, exponent in factors:
        body = polynomial_text(base)
        if len(base.terms) > 1 or (exponent > 1 and body.endswith("²")):
            body = f"({body})"
        elif len(factors) > 1 or exponent > 1 or number != 1:
            body = enclosed(body)
        text += (
            ("·" if text.endswith("⋆") or (text and body.startswith("ln(")) else "")
            + body
            + (str(exponent).translate(_SUPERSCRIPT) if exponent > 1 else "")
        )
    return text


def _number(value: Fraction) -> str:
    return str(value.numerator) if value.denominator == 1 else f"({value.numerator}/{value.denominator})"
