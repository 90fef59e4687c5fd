"""The proof of an upper bound as a person writes it: inequalities times multipliers, and squares.

    τ − objective  =  Σ λ·inequality + Σ ν·equation + Σ ⟨Z, matrix⟩ + Σ d‖v‖² + a number ≥ 0

with d ≥ 0 from the exact LDLᵀ of the residual S. `proof_of` computes all terms of this identity, `Proof.remainder` adds
them up again, `text` and `latex` print them (see `certify.report.bound_words` for how quantities are written).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import gcd, lcm
from typing import TYPE_CHECKING

from certify.kernel.polynomial import inner_product_name
from certify.kernel.worst_case import Form, UpperBound, check_upper
from certify.report.bound_words import LATEX, TEXT, Words, above, affine, number, squared, translations

if TYPE_CHECKING:
    from certify.pep.engine.bounds import Bound
    from certify.pep.modelling.model import Model

MANY = 12
"""More squares than this are counted instead of printed."""
LONG = 25
"""So many inequalities are printed in full; the rest by name."""
ZERO = Fraction(0)


@dataclass(frozen=True)
class Use:
    """multiplier · form, where form ≥ 0 (or = 0 if `equation`) is the relation of this name."""

    name: str
    multiplier: Fraction
    form: Form
    equation: bool = False
    note: str = ""


@dataclass(frozen=True)
class Square:
    """weight · ‖Σ cᵢ vᵢ‖² with weight > 0 and coprime integers cᵢ."""

    weight: Fraction
    vector: Mapping[str, int]

    def expanded(self) -> Iterator[tuple[str, Fraction]]:
        """The inner products and their coefficients."""
        items = list(self.vector.items())
        for n, (a, x) in enumerate(items):
            yield inner_product_name(a, a), self.weight * x * x
            for b, y in items[n + 1 :]:
                yield inner_product_name(a, b), 2 * self.weight * x * y


@dataclass(frozen=True)
class Proof:
    """bound − objective = Σ uses + Σ squares + rest, with rest ≥ 0; `facts` are the classes' inequalities in words."""

    bound: Fraction
    objective: Form
    uses: tuple[Use, ...]
    squares: tuple[Square, ...]
    rest: Fraction
    vectors: tuple[str, ...]
    facts: tuple[tuple[str, str, str], ...] = ()
    """(name of the class, the inequality in text, and in LaTeX) for every class used."""

    def remainder(self) -> dict[str, Fraction]:
        """The identity's left-hand side minus its right-hand side, added up exactly: empty for a proof."""
        total: dict[str, Fraction] = {"1": self.bound - self.rest}
        for name, c in self.objective.items():
            total[name] = total.get(name, ZERO) - c
        for use in self.uses:
            for name, c in use.form.items():
                total[name] = total.get(name, ZERO) - use.multiplier * c
        for square in self.squares:
            for name, c in square.expanded():
                total[name] = total.get(name, ZERO) - c
        return {name: c for name, c in total.items() if c}

    @property
    def holds(self) -> bool:
        """Whether the identity holds, all signs are right, and hence objective ≤ bound."""
        signs = all(u.multiplier >= 0 or u.equation for u in self.uses) and all(s.weight > 0 for s in self.squares)
        return signs and self.rest >= 0 and not self.remainder()

    def text(self) -> str:
        """The proof in Unicode text."""
        return "\n".join(_written(self, TEXT)) + "\n"

    def latex(self) -> str:
        """The proof as a LaTeX fragment (needs amsmath)."""
        return "\n".join(_written(self, LATEX)) + "\n"


def proof_of(proved: Bound | UpperBound, model: Model | None = None) -> Proof:
    """The proof of an upper bound, term by term.

    **Arguments:** a bound of `Model.solve` (best with ``sparse=True``) or its certificate; with the `model` the proof
    begins with the inequalities of the classes in words.

    **Raises:** ValueError if there is no exact upper end; `certify.kernel.worst_case.Unproved` if it proves nothing.
    """
    certificate = proved if isinstance(proved, UpperBound) else proved.upper_certificate
    if certificate is None:
        raise ValueError("there is no exact upper bound, hence no proof to print")
    check_upper(certificate)
    uses = tuple(_uses(certificate))
    rest: dict[str, Fraction] = {"1": certificate.bound}
    for factor, form in ((Fraction(1), certificate.problem.objective), *((u.multiplier, u.form) for u in uses)):
        for name, c in form.items():
            rest[name] = rest.get(name, ZERO) - factor * c
    constant = rest.pop("1")
    vectors = certificate.problem.vectors
    squares = tuple(squares_of({name: c for name, c in rest.items() if c}, vectors))
    facts = () if model is None else tuple(_facts(model, {use.name for use in uses}))
    return Proof(certificate.bound, certificate.problem.objective, uses, squares, constant, vectors, facts)


def squares_of(form: Form, vectors: tuple[str, ...]) -> Iterator[Square]:
    """A quadratic form ⪰ 0 as a sum of squares, by exact elimination with the sparsest row first.

    **Raises:** ValueError if it is not ⪰ 0 or no quadratic form of these vectors.
    """
    order = {name: i for i, name in enumerate(vectors)}
    rows: dict[str, dict[str, Fraction]] = {}
    for name, c in form.items():
        a, _, b = name[1:-1].partition(",")
        if not name.startswith("<") or a not in order or b not in order:
            raise ValueError(f"{name!r} is left over")
        rows.setdefault(a, {})[b] = c if a == b else c / 2
        rows.setdefault(b, {})[a] = c if a == b else c / 2
    while rows:
        pivot = min(rows, key=lambda v: (len(rows[v]), -order[v]))
        row = {name: c for name, c in rows.pop(pivot).items() if c}
        d = row.pop(pivot, ZERO)
        if d < 0 or (not d and row):
            raise ValueError("the residual is no sum of squares")
        for a, x in row.items():
            del rows[a][pivot]
            for b, y in row.items():
                left = rows[a].get(b, ZERO) - x * y / d
                rows[a][b] = left
                if not left:
                    del rows[a][b]
        if d:
            combination = {pivot: Fraction(1), **{name: c / d for name, c in row.items()}}
            common = lcm(*(c.denominator for c in combination.values()))
            integers = {name: int(c * common) for name, c in combination.items()}
            shared = gcd(*integers.values())
            scaled = {name: c // shared for name, c in sorted(integers.items(), key=lambda item: order[item[0]])}
            yield Square(d * Fraction(shared, common) ** 2, scaled)


def _uses(certificate: UpperBound) -> Iterator[Use]:
    problem = certificate.problem
    for relation in problem.inequalities:
        if multiplier := certificate.multipliers.get(relation.name):
            yield Use(relation.name, multiplier, relation.form, note=relation.note)
    for relation in problem.equations:
        if multiplier := certificate.equation_multipliers.get(relation.name):
            yield Use(relation.name, multiplier, relation.form, True, relation.note)
    for relation in problem.matrices:
        multiplier = certificate.matrix_multipliers.get(relation.name, ())
        marks = tuple(str(i) for i in range(len(multiplier)))
        entries = {
            inner_product_name(marks[i], marks[j]): multiplier[i][j] * (1 if i == j else 2)
            for i in range(len(marks))
            for j in range(i, len(marks))
            if multiplier[i][j]
        }
        for n, square in enumerate(squares_of(entries, marks)):  # ⟨Z, M⟩ = Σ d·(cᵀ M c), and cᵀ M c ≥ 0
            form: dict[str, Fraction] = {}
            for i, x in square.vector.items():
                for j, y in square.vector.items():
                    for name, c in relation.rows[int(i)][int(j)].items():
                        form[name] = form.get(name, ZERO) + x * y * c
            yield Use(f"{relation.name}({n + 1})", square.weight, {k: c for k, c in form.items() if c}, False)


def _facts(model: Model, used: set[str]) -> Iterator[tuple[str, str, str]]:
    from certify.pep.modelling.records import Records

    for owner in model.owners:
        if not isinstance(owner, Records):
            continue
        for name, assumption in owner.named():
            if any(u.startswith(name) for u in used):
                constants = ", ".join(f"{s} = {v}" for s, v in assumption.values.items())
                words = (type(assumption).__doc__ or "").strip().splitlines()[:1]
                given = f" ({constants})" if constants else ""
                yield f"{name}{given}", words[0].rstrip(".") if words else "", assumption.formula


def _written(proof: Proof, words: Words) -> Iterator[str]:
    """The lines of a proof."""
    forms = [proof.objective, *(use.form for use in proof.uses)]
    names = translations(forms, proof.vectors)
    show: Callable[[Form], str] = lambda form: affine(form, names, words)  # noqa: E731
    yield words.claim(f"{show(proof.objective)} {words.at_most} {above(proof.bound, words)}")
    for fact in proof.facts:
        yield words.fact(*fact)
    yield words.begin(len(proof.uses))
    yield from words.table(
        (number(use.multiplier, words), show(use.form) if i < LONG else "", use.equation, use.name, use.note)
        for i, use in enumerate(proof.uses)
    )
    left = f"{words.minus} ({show(proof.objective)})"
    if proof.bound:
        left = f"{number(proof.bound, words)} {left}"
    if len(proof.squares) <= MANY:
        squares = [squared(s.weight, s.vector, names, words) for s in proof.squares]
    else:
        least = min(s.weight for s in proof.squares)
        squares = [words.many(len(proof.squares), number(least, words))]
    if proof.rest:
        squares.append(number(proof.rest, words))
    yield from words.end(left, squares)


__all__ = ["Proof", "Square", "Use", "proof_of", "squares_of"]
