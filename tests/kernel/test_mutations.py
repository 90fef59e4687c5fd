"""Certificates damaged in thousands of ways: the kernel accepts a damaged one only if it is still a proof.

What is still a proof is decided here by other means than the kernel's: no polynomial is expanded, and no part of
the kernel is used. Every quantity of the statement gets a random value in a large prime field — numbers with an
index one for each index, vectors in a space of high dimension, moments by summing over the indices — and the two
sides of the identity are compared as numbers, at every index. Two polynomials that differ agree at such a point
with a probability below 10⁻¹⁵.
"""

import random
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from hashlib import blake2b
from itertools import combinations, product
from math import prod
from typing import Any

import pytest

from certify.kernel import Certificate, Malformed, Rejected, check
from certify.language import pose
from certify.methods.bpm import BroximalPoint
from certify.methods.gd import GradientDescent
from certify.methods.ppm import ProximalPoint
from certify.methods.subgradient import Subgradient
from certify.prove.prover import prove

METHODS = (BroximalPoint, GradientDescent, ProximalPoint, Subgradient)
PRIME = 2**61 - 1
SAMPLE = 3
"""How many mutations of each kind are tried on each certificate; the slow test tries all."""

Json = Any
Path = tuple[Any, ...]
Cell = tuple[int, ...]
Values = dict[Cell, int]


@pytest.fixture(scope="module")
def catalogue(by_hand) -> dict[str, Json]:
    """The certificates of all parts and cases of all theorems, and those written by hand, as JSON data."""
    found = {name: certificate.to_json() for name, certificate in by_hand.items()}
    for method in METHODS:
        for theorem in method.theorems().values():
            problem = pose(method, theorem.assumptions, theorem)
            for part in prove(problem).parts:
                for i, case in enumerate(part.cases):
                    found[f"{problem.identifier}, {part.role}, case {i}"] = case.certificate.to_json()
    assert len(found) > 40
    return found


# -- an independent judgement --------------------------------------------------------------------------


class Invalid(Exception):
    """The data is not a proof of its conclusion."""


@lru_cache(maxsize=100_000)
def drawn(*key: object) -> int:
    """A number that looks random and is a function of the key."""
    return int.from_bytes(blake2b(repr(key).encode(), digest_size=16).digest()) % PRIME


def rational(text: str) -> int:
    numerator, _, denominator = text.partition("/")
    return int(numerator) * pow(int(denominator or 1), -1, PRIME) % PRIME


class Model:
    """Values for all quantities of a statement; every functional runs over `size` indices."""

    def __init__(self, statement: Json, seed: int, size: int) -> None:
        self.seed, self.size = seed, size
        self.vectors = statement.get("vectors", {})
        self.functionals = {f["name"]: f for f in statement.get("functionals", [])}
        self.axes = list(self.functionals)
        self.cells: list[Cell] = list(product(range(size), repeat=len(self.axes)))
        self.values: dict[str, Values] = {}
        for name, over in statement["variables"].items():
            self.values[name] = {c: drawn(seed, name, *self.at(c, over)) for c in self.cells}
        for functional in self.functionals.values():
            if size_name := functional.get("size"):
                if statement["variables"].get(size_name) != []:
                    raise Invalid("the size of a sum is not a free variable")
                self.values[size_name] = dict.fromkeys(self.cells, size)
        self.products(statement)
        self.define(statement.get("moments", []))

    def at(self, cell: Cell, over: list[str]) -> Cell:
        """The indices that matter to a quantity."""
        if not set(over) <= set(self.axes):
            raise Invalid("dependence on an unknown functional")
        return tuple(i for i, axis in zip(cell, self.axes, strict=True) if axis in over)

    def vector(self, name: str, cell: Cell) -> list[int]:
        place = self.at(cell, self.vectors[name])
        return [drawn(self.seed, name, "vector", *place, i) for i in range(len(self.vectors) + 1)]

    def products(self, statement: Json) -> None:
        for a, b in product(self.vectors, repeat=2):
            if a <= b:
                self.values[f"<{a},{b}>"] = {c: dot(self.vector(a, c), self.vector(b, c)) for c in self.cells}

    def define(self, moments: list[Json]) -> None:
        """Compute all moments, those of moments included."""
        while moments:
            later = [m for m in moments if any(n not in self.values for n in exponents(m["monomial"]))]
            if len(later) == len(moments):
                raise Invalid("moments that define each other")
            for moment in moments:
                if moment not in later:
                    inside = self.polynomial({moment["monomial"]: "1"})
                    self.values[moment["name"]] = self.apply(moment["functional"], inside)
            moments = later

    def polynomial(self, terms: dict[str, str]) -> Values:
        total = dict.fromkeys(self.cells, 0)
        for text, coefficient in terms.items():
            number, powers = rational(coefficient), exponents(text)
            if not powers.keys() <= self.values.keys():
                raise Invalid(f"unknown name in {text}")
            for cell in self.cells:
                total[cell] += number * prod(pow(self.values[n][cell], e, PRIME) for n, e in powers.items())
        return {cell: value % PRIME for cell, value in total.items()}

    def apply(self, functional: str, values: Values) -> Values:
        """The mean or the sum over the index of the functional."""
        if functional not in self.functionals:
            raise Invalid("unknown functional")
        axis = self.axes.index(functional)
        weight = 1 if self.functionals[functional].get("size") else pow(self.size, -1, PRIME)
        sums: dict[Cell, int] = {}
        for cell, value in values.items():
            rest = cell[:axis] + cell[axis + 1 :]
            sums[rest] = (sums.get(rest, 0) + weight * value) % PRIME
        return {cell: sums[cell[:axis] + cell[axis + 1 :]] for cell in values}

    def square(self, root: Json) -> Values:
        if root is None:
            return dict.fromkeys(self.cells, 1)
        if all(isinstance(value, str) for value in root.values()):
            return {cell: value**2 % PRIME for cell, value in self.polynomial(root).items()}
        if not root.keys() <= self.vectors.keys():
            raise Invalid("unknown vector")
        weights = {name: self.polynomial(terms) for name, terms in root.items()}
        result = {}
        for cell in self.cells:
            columns = zip(*([weights[n][cell] * x for x in self.vector(n, cell)] for n in root), strict=True)
            total = [sum(column) for column in columns]
            result[cell] = dot(total, total)
        return result


def dot(u: list[int], v: list[int]) -> int:
    return sum(a * b for a, b in zip(u, v, strict=True)) % PRIME


def exponents(text: str) -> dict[str, int]:
    """``{"x": 2, "y": 1}`` for x^2*y."""
    pairs = (factor.partition("^") for factor in text.split("*")) if text != "1" else ()
    return {name: int(power or 1) for name, _, power in pairs}


def judge(data: Json) -> None:
    """Raise `Invalid` unless the data is a proof of its conclusion."""
    statement, proof = data["statement"], data["proof"]
    facts = {f["name"]: f for f in statement.get("facts", [])}
    known = facts | {h["name"]: h for h in statement.get("hypotheses", [])}
    equations = {e["name"]: e for e in statement.get("equations", [])}
    terms, multiplier = proof["terms"], proof.get("multiplier", [])

    def strict(term: Json) -> bool:
        return "square" not in term and all(known[name].get("strict") for name in term.get("factors", {}))

    for term in (*terms, *multiplier):
        if term["coefficient"].startswith("-") or not rational(term["coefficient"]):
            raise Invalid("a coefficient is not positive")
        if not term.get("factors", {}).keys() <= known.keys():
            raise Invalid("unknown factor")
    for term in multiplier:
        if not term.get("factors", {}).keys() <= facts.keys() or "square" in term or term.get("under"):
            raise Invalid("the multiplier is not made of facts")
    if multiplier and not any(map(strict, multiplier)):
        raise Invalid("the multiplier may vanish")
    relation = statement.get("relation", ">=")
    if (relation == "=" and terms) or (relation == ">" and not any(map(strict, terms))):
        raise Invalid("the relation does not follow")
    if not {e["equation"] for e in proof.get("equations", [])} <= equations.keys():
        raise Invalid("unknown equation")
    for seed, size in ((1, 4), (2, 5)):
        model = Model(statement, seed, size)
        for fact in (*known.values(), *equations.values()):
            model.polynomial(fact["polynomial"])
        if sides(model, statement, proof, known, equations):
            raise Invalid("the two sides differ")


def sides(model: Model, statement: Json, proof: Json, known: Json, equations: Json) -> list[Cell]:
    """Where the two sides of the identity differ."""

    def value(term: Json) -> Values:
        total = {cell: rational(term["coefficient"]) * v for cell, v in model.square(term.get("square")).items()}
        for name, exponent in term.get("factors", {}).items():
            factor = model.polynomial(known[name]["polynomial"])
            total = {cell: v * pow(factor[cell], exponent, PRIME) % PRIME for cell, v in total.items()}
        for functional in term.get("under", []):
            total = model.apply(functional, total)
        return total

    multiplier = [value(t) for t in proof.get("multiplier", [])] or [dict.fromkeys(model.cells, 1)]
    terms = [value(t) for t in proof["terms"]]
    for term in proof.get("equations", []):
        left, right = model.polynomial(term["factor"]), model.polynomial(equations[term["equation"]]["polynomial"])
        total = {cell: left[cell] * right[cell] for cell in model.cells}
        for functional in term.get("under", []):
            total = model.apply(functional, total)
        terms.append(total)
    conclusion = model.polynomial(statement["conclusion"])
    return [
        cell
        for cell in model.cells
        if (sum(m[cell] for m in multiplier) * conclusion[cell] - sum(t[cell] for t in terms)) % PRIME
    ]


# -- damage --------------------------------------------------------------------------------------------

DROP = object()
Edits = tuple[tuple[Path, Any], ...]


def replaced(data: Json, path: Path, value: Any) -> Json:
    """A copy with another value (or nothing) at this place."""
    key, *rest = path
    copy = dict(data) if isinstance(data, dict) else list(data)
    if rest:
        copy[key] = replaced(copy[key], tuple(rest), value)
    elif value is DROP:
        del copy[key]
    else:
        copy[key] = value
    return copy


def damaged(data: Json, edits: Edits) -> Json:
    for path, value in edits:
        data = replaced(data, path, value)
    return data


def polynomial_places(data: Json) -> Iterator[tuple[str, Path]]:
    """What kind of polynomial stands where."""
    yield "conclusion", ("statement", "conclusion")
    for kind in ("facts", "hypotheses", "equations"):
        for i, _ in enumerate(data["statement"].get(kind, [])):
            yield kind, ("statement", kind, i, "polynomial")
    for i, term in enumerate(data["proof"]["terms"]):
        if all(isinstance(value, str) for value in term.get("square", {}).values()):
            if "square" in term:
                yield "square", ("proof", "terms", i, "square")
        else:
            for vector in term["square"]:
                yield "square", ("proof", "terms", i, "square", vector)
    for i, _ in enumerate(data["proof"].get("equations", [])):
        yield "equation factor", ("proof", "equations", i, "factor")


def look(data: Json, path: Path) -> Json:
    for key in path:
        data = data[key]
    return data


def monomial(powers: dict[str, int]) -> str:
    return "*".join(f"{n}^{e}" if e > 1 else n for n, e in sorted(powers.items()) if e) or "1"


def negative(number: str) -> str:
    return number.removeprefix("-") if number.startswith("-") else f"-{number}"


def polynomial_mutations(terms: dict[str, str], names: list[str]) -> Iterator[tuple[str, dict[str, str]]]:
    """All polynomials that differ in one place; kinds of changes by name."""
    if "1" not in terms:
        yield "constant added", terms | {"1": "1/7"}
    for text, number in terms.items():
        rest, powers = {t: c for t, c in terms.items() if t != text}, exponents(text)
        top, _, bottom = number.partition("/")
        yield "coefficient changed", terms | {text: f"{int(top) + 1}/{bottom or 1}"}
        yield "coefficient slightly changed", terms | {text: f"{int(top) * 10**12 + 1}/{int(bottom or 1) * 10**12}"}
        yield "sign flipped", terms | {text: negative(number)}
        yield "monomial dropped", rest
        for name, exponent in powers.items():
            yield "exponent raised", rest | {monomial(powers | {name: exponent + 1}): number}
            yield "exponent lowered", rest | {monomial(powers | {name: exponent - 1}): number}
            other = names[(names.index(name) + 1) % len(names)] if name in names else names[0]
            if other not in powers:
                yield (
                    "variable renamed",
                    rest | {monomial({other if n == name else n: e for n, e in powers.items()}): number},
                )


def mutations(data: Json) -> Iterator[tuple[str, Edits]]:
    """Every mutation this file knows, as (kind, what to put where)."""
    statement, proof = data["statement"], data["proof"]
    polynomials = [look(data, path) for _, path in polynomial_places(data)]
    names = sorted({name for p in polynomials for text in p for name in exponents(text)}) or ["x"]
    for kind, path in polynomial_places(data):
        for change, terms in polynomial_mutations(look(data, path), names):
            yield f"{kind}: {change}", ((path, terms),)
    yield from proof_mutations(statement, proof)
    yield from statement_mutations(statement)


def proof_mutations(statement: Json, proof: Json) -> Iterator[tuple[str, Edits]]:
    inequalities = [f["name"] for kind in ("facts", "hypotheses") for f in statement.get(kind, [])]
    for role in ("terms", "multiplier", "equations"):
        terms = proof.get(role, [])
        for i, term in enumerate(terms):
            here = ("proof", role, i)
            yield f"{role}: dropped", ((here, DROP),)
            yield f"{role}: repeated", ((("proof", role), [*terms, term]),)
            if "under" in term:
                yield f"{role}: functionals dropped", (((*here, "under"), DROP),)
                yield f"{role}: last functional dropped", (((*here, "under"), term["under"][:-1]),)
                if len(term["under"]) > 1:
                    yield f"{role}: functionals reversed", (((*here, "under"), term["under"][::-1]),)
            for functional in statement.get("functionals", []):
                yield f"{role}: functional added", (((*here, "under"), [*term.get("under", []), functional["name"]]),)
            if role == "equations":
                continue
            top, _, bottom = term["coefficient"].partition("/")
            for change, number in (
                ("coefficient changed", f"{int(top) + 1}/{bottom or 1}"),
                ("coefficient slightly changed", f"{int(top) * 10**12 + 1}/{int(bottom or 1) * 10**12}"),
                ("sign flipped", f"-{term['coefficient']}"),
                ("coefficient zero", "0"),
            ):
                yield f"{role}: {change}", (((*here, "coefficient"), number),)
            factors = term.get("factors", {})
            for name, exponent in factors.items():
                yield f"{role}: exponent raised", (((*here, "factors", name), exponent + 1),)
                yield f"{role}: exponent lowered", (((*here, "factors", name), exponent - 1 if exponent > 1 else DROP),)
                others = {n: e for n, e in factors.items() if n != name}
                for other in inequalities:
                    if other not in factors:
                        yield f"{role}: factor replaced", (((*here, "factors"), others | {other: exponent}),)
            if "square" in term:
                yield f"{role}: square dropped", (((*here, "square"), DROP),)
            else:
                yield f"{role}: square added", (((*here, "square"), {"1": "2"}),)
        for (i, a), (j, b) in combinations(enumerate(terms), 2):
            for key in ("factors", "square", "coefficient", "equation", "factor"):
                if without(a, key) != without(b, key) and a.get(key) != b.get(key):
                    swapped = (("proof", role, i), with_from(a, b, key)), (("proof", role, j), with_from(b, a, key))
                    yield f"{role}: {key} swapped", swapped


def without(term: Json, key: str) -> Json:
    return {k: v for k, v in term.items() if k != key}


def with_from(term: Json, other: Json, key: str) -> Json:
    """The term with that entry of another one."""
    return without(term, key) | ({key: other[key]} if key in other else {})


def statement_mutations(statement: Json) -> Iterator[tuple[str, Edits]]:
    here: Path = ("statement",)
    for relation in {">=", ">", "="} - {statement["relation"]}:
        yield "relation changed", (((*here, "relation"), relation),)
    for kind in ("facts", "hypotheses", "equations", "moments", "functionals"):
        for i, item in enumerate(statement.get(kind, [])):
            yield f"{kind}: dropped", (((*here, kind, i), DROP),)
            if kind in ("facts", "hypotheses"):
                yield f"{kind}: strictness changed", (((*here, kind, i, "strict"), not item.get("strict", False)),)
            if kind == "functionals" and item.get("size"):
                yield "functionals: a mean instead of a sum", (((*here, kind, i, "size"), DROP),)
            if kind == "functionals":
                for name, over in statement["variables"].items():
                    if not over and name != item.get("size"):
                        yield "functionals: size changed", (((*here, kind, i, "size"), name),)
            if kind == "moments":
                powers = exponents(item["monomial"])
                for name, exponent in powers.items():
                    for change in (exponent + 1, exponent - 1):
                        text = monomial(powers | {name: change})
                        yield "moments: exponent changed", (((*here, kind, i, "monomial"), text),)
        items = statement.get(kind, [])
        for (i, a), (j, b) in combinations(enumerate(items), 2):
            yield (
                f"{kind}: names swapped",
                (((*here, kind, i, "name"), b["name"]), ((*here, kind, j, "name"), a["name"])),
            )
    for kind in ("variables", "vectors"):
        for name, over in statement.get(kind, {}).items():
            yield f"{kind}: dropped", (((*here, kind, name), DROP),)
            for functional in statement.get("functionals", []):
                f = functional["name"]
                changed = [x for x in over if x != f] if f in over else [*over, f]
                yield f"{kind}: dependence changed", (((*here, kind, name), changed),)


# -- the tests -----------------------------------------------------------------------------------------


def accepted(data: Json) -> bool:
    try:
        check(Certificate.from_json(data))
    except (Malformed, Rejected):
        return False
    return True


def valid(data: Json) -> bool:
    try:
        judge(data)
    except Invalid:
        return False
    return True


def sampled(data: Json, source: random.Random) -> Iterator[tuple[str, Edits]]:
    """A few mutations of each kind."""
    kinds: dict[str, list[Edits]] = {}
    for kind, edits in mutations(data):
        kinds.setdefault(kind, []).append(edits)
    for kind, found in kinds.items():
        for edits in source.sample(found, min(SAMPLE, len(found))):
            yield kind, edits


def run(name: str, data: Json, tried: Iterator[tuple[str, Edits]], record: Counter) -> None:
    """Compare the two judgements on every mutation."""
    functionals = bool(data["statement"].get("functionals"))
    for kind, edits in tried:
        mutant = damaged(data, edits)
        verdict, truth = accepted(mutant), valid(mutant)
        record["mutations"] += 1
        record["valid"] += truth
        record[f"valid, {kind}"] += truth
        assert truth or not verdict, f"{name}: accepted but invalid after {kind}: {edits}"
        # The converse is no matter of soundness. With functionals the kernel may lack the name of a moment.
        assert verdict or not truth or functionals, f"{name}: valid but rejected after {kind}: {edits}"


def report(record: Counter) -> str:
    kinds = ", ".join(
        f"{n} × {k.removeprefix('valid, ')}" for k, n in sorted(record.items()) if k.startswith("valid, ") and n
    )
    return f"{record['mutations']} mutations, {record['valid']} of them still valid: {kinds}"


def test_the_judge_accepts_what_is_undamaged(catalogue):
    for name, data in catalogue.items():
        assert valid(data), name
        assert accepted(data), name


def test_damaged_certificates_are_rejected(catalogue, record_property):
    record: Counter = Counter()
    for name, data in catalogue.items():
        run(name, data, sampled(data, random.Random(name)), record)  # noqa: S311
    record_property("mutations", report(record))
    print(report(record))
    assert record["mutations"] > 4_000
    assert record["valid"] < record["mutations"] / 20


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_certificates_damaged_in_every_known_way_are_rejected(catalogue, record_property):
    record: Counter = Counter()
    for name, data in catalogue.items():
        run(name, data, mutations(data), record)
    record_property("mutations", report(record))
    print(report(record))
    assert record["valid"] < record["mutations"] / 20
