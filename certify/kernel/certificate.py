"""What a certificate says: a statement (facts, hypotheses, equations ⊢ conclusion) and its proof.

The proof of ``p ≥ 0`` is one polynomial identity

    s · p  =  Σ c · F[ Π facts · Π hypotheses · square ]  +  Σ F[ q · e ]

with s a sum of products of facts, at least one of them strictly positive, rational c > 0, polynomials q,
equations e = 0 and F a (possibly empty) chain of positive linear functionals. The JSON form has an object
for each class below, with its fields as keys; docs/certificate.md describes it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from fractions import Fraction
from functools import cache
from typing import Any, get_args, get_origin, get_type_hints

from certify.kernel.polynomial import Malformed, Monomial, Polynomial, monomial_text, read_monomial, read_rational

SCHEMA = "certify/certificate/1"
MAX_ITEMS = 20_000
"""The longest list or object that is read."""


@dataclass(frozen=True)
class Fact:
    """``polynomial ≥ 0`` (``> 0`` if strict, ``= 0`` in the list of equations); `note` is for people."""

    name: str
    polynomial: Polynomial
    strict: bool = False
    note: str = ""


@dataclass(frozen=True)
class Functional:
    """A positive linear functional over a non-empty index set: a mean with F[1] = 1, or a sum with F[1] = size."""

    name: str
    size: str | None = None


@dataclass(frozen=True)
class Moment:
    """A variable that stands for F[monomial]; every factor of the monomial must depend on F."""

    name: str
    functional: str
    monomial: Monomial


@dataclass(frozen=True)
class Statement:
    """All quantities and what is known about them, and the conclusion ``p relation 0``.

    `variables` and `vectors` map names to the functionals (sample, layer, coordinate …) they depend on. For
    vectors a, b of a real inner-product space the variable ``<a,b>`` (names in order) is their inner product.
    """

    variables: Mapping[str, frozenset[str]]
    conclusion: Polynomial
    relation: str = ">="
    vectors: Mapping[str, frozenset[str]] = field(default_factory=dict)
    functionals: tuple[Functional, ...] = ()
    moments: tuple[Moment, ...] = ()
    facts: tuple[Fact, ...] = ()
    hypotheses: tuple[Fact, ...] = ()
    equations: tuple[Fact, ...] = ()


@dataclass(frozen=True)
class Term:
    """``coefficient · F[ Π factors · square ]``: factors name facts or hypotheses, with exponents.

    `square` is a polynomial q (meaning q²) or a linear form vector → polynomial (meaning its squared norm);
    `under` lists the functionals that F consists of, the innermost first.
    """

    coefficient: Fraction
    factors: Mapping[str, int] = field(default_factory=dict)
    square: Polynomial | Mapping[str, Polynomial] | None = None
    under: tuple[str, ...] = ()


@dataclass(frozen=True)
class EquationTerm:
    """``F[ factor · equation ]``, which is zero."""

    equation: str
    factor: Polynomial
    under: tuple[str, ...] = ()


@dataclass(frozen=True)
class Proof:
    """The combination; `multiplier` is s as a sum of terms (none means s = 1)."""

    terms: tuple[Term, ...]
    equations: tuple[EquationTerm, ...] = ()
    multiplier: tuple[Term, ...] = ()


@dataclass(frozen=True)
class Certificate:
    """A statement, its proof, and the `claim`: which theorem of which method this is said to prove."""

    statement: Statement
    proof: Proof
    claim: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON data, `from_json`'s inverse."""
        return {"schema": SCHEMA, **_plain(self)}

    @staticmethod
    def from_json(data: object) -> Certificate:
        """Parse untrusted JSON data; raises `Malformed` with one sentence that says where."""
        if not isinstance(data, dict) or data.get("schema") != SCHEMA:
            raise Malformed(f"this kernel reads objects with the schema {SCHEMA!r} only")
        return _read(Certificate, {key: value for key, value in data.items() if key != "schema"}, "certificate")


def _plain(value: Any) -> Any:
    """The JSON form; an optional field that says nothing (empty, false) is left out."""
    if isinstance(value, Moment):
        return {"name": value.name, "functional": value.functional, "monomial": monomial_text(value.monomial)}
    if is_dataclass(value):
        items = {name: getattr(value, name) for name in _kinds(type(value))}
        optional = _defaults(type(value))
        return {n: _plain(v) for n, v in items.items() if n not in optional or v or v != optional[n]}
    if isinstance(value, Mapping):
        return {name: _plain(item) for name, item in sorted(value.items())}
    if isinstance(value, frozenset | tuple):
        return [_plain(item) for item in (value if isinstance(value, tuple) else sorted(value))]
    if isinstance(value, Polynomial):
        return value.to_json()
    return str(value) if isinstance(value, Fraction) else value


def _read(kind: Any, value: Any, where: str) -> Any:
    """The object of this type that a JSON value describes; raises `Malformed`."""
    if isinstance(value, list | dict) and len(value) > MAX_ITEMS:
        raise Malformed(f"{where} has more than {MAX_ITEMS} entries")
    if kind in _LEAVES:
        try:
            return _LEAVES[kind](value)
        except Malformed as error:
            raise Malformed(f"{where}: {error}") from None
    container, inside = get_origin(kind), get_args(kind)
    if not isinstance(value, list if container in (tuple, frozenset) else dict):
        raise Malformed(f"{where} must be {'a list' if container in (tuple, frozenset) else 'an object'}")
    if container in (tuple, frozenset):
        return container(_read(inside[0], item, f"{where}[{i}]") for i, item in enumerate(value))
    if container is Mapping:
        return {_read(inside[0], k, where): _read(inside[1], v, f"{where}.{str(k)[:40]}") for k, v in value.items()}
    kinds, required = _kinds(kind), _kinds(kind).keys() - _defaults(kind).keys()
    for key in sorted((required - value.keys()) | (value.keys() - kinds.keys()), key=str):
        raise Malformed(f"{where} {'lacks' if key in required else 'may not have'} the key {str(key)[:40]!r}")
    return kind(**{key: _read(kinds[key], item, f"{where}.{key}") for key, item in value.items()})


@cache
def _kinds(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)


@cache
def _defaults(kind: Any) -> dict[str, Any]:
    made = {f.name: f.default_factory() for f in fields(kind) if f.default_factory is not MISSING}
    return made | {f.name: f.default for f in fields(kind) if f.default is not MISSING}


def _leaf(test: Callable[[Any], bool], description: str) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        if not test(value):
            raise Malformed(f"this must be {description}")
        return value

    return read


def _square(value: Any) -> Polynomial | Mapping[str, Polynomial]:
    form = isinstance(value, dict) and any(isinstance(item, dict) for item in value.values())
    return _read(Mapping[str, Polynomial], value, "vectors") if form else Polynomial.from_json(value)


_text = _leaf(lambda v: isinstance(v, str) and v.replace("\n", "").isprintable(), "a string of printable characters")
_LEAVES: dict[Any, Callable[[Any], Any]] = {
    bool: _leaf(lambda v: isinstance(v, bool), "true or false"),
    int: _leaf(lambda v: type(v) is int and 1 <= v <= 64, "a whole number from 1 to 64"),
    str: _text,
    str | None: _text,
    Fraction: read_rational,
    Monomial: read_monomial,
    Polynomial: Polynomial.from_json,
    Polynomial | Mapping[str, Polynomial] | None: _square,
}
