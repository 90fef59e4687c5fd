"""What a certificate says: a statement (facts, hypotheses, equations ⊢ conclusion) and its proof.

The proof of ``p ≥ 0`` is one polynomial identity

    s · p  =  Σ c · F[ Π facts · Π hypotheses · square ]  +  Σ F[ q · e ]

with s a sum of products of facts, at least one of them strictly positive, rational c > 0, polynomials q, equations e = 0 and F a
(possibly empty) chain of positive linear functionals. JSON form: docs/certificate.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, TypeVar

from certify.kernel.polynomial import Malformed, Monomial, Polynomial, monomial_text

SCHEMA = "certify/certificate/1"
T = TypeVar("T")
RELATIONS = (">=", ">", "=")


@dataclass(frozen=True)
class Fact:
    """``polynomial ≥ 0`` (``> 0`` if strict, ``= 0`` in the list of equations); `note` is for people."""

    name: str
    polynomial: Polynomial
    strict: bool = False
    note: str = ""


@dataclass(frozen=True)
class Functional:
    """A positive linear functional over a non-empty index set: ``mean`` has F[1] = 1, ``sum`` has F[1] = size."""

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

    `square` is a polynomial q (meaning q²) or a linear form vector → polynomial (meaning its squared norm).
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
    claim: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON data, `from_json`'s inverse."""
        st, proof = self.statement, self.proof
        dependent = {n: sorted(f) for n, f in sorted(st.variables.items())}
        return {
            "schema": SCHEMA,
            "claim": dict(self.claim),
            "variables": dependent,
            "vectors": {n: sorted(f) for n, f in sorted(st.vectors.items())},
            "functionals": [{"name": f.name, "size": f.size} for f in st.functionals],
            "moments": [
                {"name": m.name, "functional": m.functional, "monomial": monomial_text(m.monomial)} for m in st.moments
            ],
            "facts": [_fact_json(f) | {"strict": f.strict} for f in st.facts],
            "hypotheses": [_fact_json(h) for h in st.hypotheses],
            "equations": [_fact_json(e) for e in st.equations],
            "conclusion": {"polynomial": st.conclusion.to_json(), "relation": st.relation},
            "proof": {
                "multiplier": [_term_json(t) for t in proof.multiplier],
                "terms": [_term_json(t) for t in proof.terms],
                "equations": [
                    {"equation": q.equation, "factor": q.factor.to_json(), "under": list(q.under)}
                    for q in proof.equations
                ],
            },
        }

    @staticmethod
    def from_json(data: object) -> Certificate:
        """Parse untrusted JSON data; raises `Malformed` with one sentence that says where."""
        top = _Reader(data, "certificate")
        if top.text("schema") != SCHEMA:
            raise Malformed(f"schema is {top.text('schema')!r}; this kernel reads {SCHEMA!r}")
        conclusion, proof = top.sub("conclusion"), top.sub("proof")
        claim = top.data.get("claim", {})
        if not isinstance(claim, dict):
            raise Malformed("claim must be an object")
        statement = Statement(
            variables=top.mapping("variables", _names),
            vectors=top.mapping("vectors", _names),
            functionals=top.items("functionals", lambda r: Functional(r.text("name"), r.optional("size"))),
            moments=top.items("moments", _moment),
            facts=top.items("facts", lambda r: _fact(r, r.flag("strict"))),
            hypotheses=top.items("hypotheses", _fact),
            equations=top.items("equations", _fact),
            conclusion=conclusion.polynomial("polynomial"),
            relation=conclusion.text("relation"),
        )
        if statement.relation not in RELATIONS:
            raise Malformed(f"conclusion relation must be one of {', '.join(RELATIONS)}")
        return Certificate(
            statement,
            Proof(
                terms=proof.items("terms", _term),
                equations=proof.items(
                    "equations",
                    lambda r: EquationTerm(r.text("equation"), r.polynomial("factor"), _names_tuple(r)),
                ),
                multiplier=proof.items("multiplier", _term),
            ),
            claim,
        )


def inner_product_name(a: str, b: str) -> str:
    """The name of the variable ⟨a, b⟩."""
    return f"<{a},{b}>" if a <= b else f"<{b},{a}>"


class _Reader:
    """Typed access to one JSON object, with errors that say where."""

    def __init__(self, data: object, where: str) -> None:
        if not isinstance(data, dict):
            raise Malformed(f"{where} must be an object")
        self.data, self.where = data, where

    def text(self, key: str) -> str:
        value = self.data.get(key)
        if not isinstance(value, str) or len(value) > 4_000:
            raise Malformed(f"{self.where}: {key!r} must be a string")
        return value

    def optional(self, key: str) -> str | None:
        return None if self.data.get(key) is None else self.text(key)

    def flag(self, key: str) -> bool:
        if not isinstance(self.data.get(key), bool):
            raise Malformed(f"{self.where}: {key!r} must be true or false")
        return self.data[key]

    def polynomial(self, key: str) -> Polynomial:
        try:
            return Polynomial.from_json(self.data.get(key))
        except Malformed as error:
            raise Malformed(f"{self.where}: {key}: {error}") from None

    def sub(self, key: str) -> _Reader:
        return _Reader(self.data.get(key), f"{self.where}.{key}")

    def items(self, key: str, build: Callable[[_Reader], T]) -> tuple[T, ...]:
        value = self.data.get(key, [])
        if not isinstance(value, list) or len(value) > 20_000:
            raise Malformed(f"{self.where}: {key!r} must be a list of at most 20000 items")
        return tuple(build(_Reader(v, f"{self.where}.{key}[{i}]")) for i, v in enumerate(value))

    def mapping(self, key: str, build: Callable[[object], T]) -> dict[str, T]:
        value = self.data.get(key, {})
        if not isinstance(value, dict) or len(value) > 5_000:
            raise Malformed(f"{self.where}: {key!r} must be an object of at most 5000 entries")
        return {name: build(v) for name, v in value.items()}


def _names(value: object) -> frozenset[str]:
    if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
        raise Malformed("a list of functionals must be a list of strings")
    return frozenset(value)


def _names_tuple(reader: _Reader) -> tuple[str, ...]:
    value = reader.data.get("under", [])
    if not isinstance(value, list) or not all(isinstance(v, str) for v in value) or len(value) > 8:
        raise Malformed(f"{reader.where}: 'under' must be a list of at most 8 functionals")
    return tuple(value)


def _exponent(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= 64:
        raise Malformed("an exponent must be a whole number from 1 to 64")
    return value


def _fact(reader: _Reader, strict: bool = False) -> Fact:
    return Fact(reader.text("name"), reader.polynomial("polynomial"), strict, reader.optional("note") or "")


def _moment(reader: _Reader) -> Moment:
    monomial = Polynomial.from_json({reader.text("monomial"): "1"})
    return Moment(reader.text("name"), reader.text("functional"), next(iter(monomial.terms)))


def _term(reader: _Reader) -> Term:
    coefficient = Polynomial.from_json({"1": reader.text("coefficient")}).as_constant()
    square: Polynomial | dict[str, Polynomial] | None = None
    if reader.data.get("square") is not None:
        square = reader.polynomial("square")
    elif reader.data.get("norm_squared") is not None:
        square = reader.mapping("norm_squared", Polynomial.from_json)
    return Term(coefficient or Fraction(0), reader.mapping("factors", _exponent), square, _names_tuple(reader))


def _fact_json(fact: Fact) -> dict[str, Any]:
    return {"name": fact.name, "note": fact.note, "polynomial": fact.polynomial.to_json()}


def _term_json(term: Term) -> dict[str, Any]:
    data: dict[str, Any] = {"coefficient": str(term.coefficient), "factors": dict(term.factors), "under": list(term.under)}
    if isinstance(term.square, Polynomial):
        data["square"] = term.square.to_json()
    elif term.square is not None:
        data["norm_squared"] = {v: p.to_json() for v, p in sorted(term.square.items())}
    return data
