"""The semidefinite view of a statement: everything linear in inner products and function values, scalars as parameters.

A proof is then  p = Σ λ_j h_j + λ_0 + ⟨S, G⟩  with λ ≥ 0 and a positive semidefinite matrix S of the vectors;
λ and S are functions of the parameters θ.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from certify.kernel import Fact, Monomial, Polynomial, Statement, inner_product_name

UNKNOWN = "κ"
"""The name of the number to be derived in a goal (a rate or a weight)."""

Linear = dict[str, Polynomial]
"""A linear form: atom → coefficient in the parameters; the atom "1" is the constant."""


class NotLinear(ValueError):
    """Some quantity is not linear in inner products and function values."""


@dataclass(frozen=True)
class GramProblem:
    """Linear forms over atoms; `conclusion` may contain the unknown κ linearly."""

    parameters: tuple[str, ...]
    vectors: tuple[str, ...]
    values: tuple[str, ...]
    conclusion: Linear
    hypotheses: Mapping[str, Linear]
    facts: tuple[Fact, ...]
    unknown: bool
    equations: frozenset[str] = frozenset()
    """Hypotheses that are equations: their multipliers have any sign."""


def gram_problem(statement: Statement, *, equations: bool = False) -> GramProblem:
    """Split a statement, with its equations if asked; hypotheses that are not linear in the atoms are left out.

    Raises `NotLinear` if the conclusion itself is not linear.
    """
    products = {inner_product_name(a, b) for a in statement.vectors for b in statement.vectors}
    known = (*statement.hypotheses, *(statement.equations if equations else ()))
    everything = (statement.conclusion, *(h.polynomial for h in known))
    names = frozenset().union(*(p.variables for p in everything))
    values = {n for n in names if n.startswith("f")}
    atoms = products | values
    conclusion = linear_form(statement.conclusion, atoms)
    hypotheses = {}
    for hypothesis in known:
        try:
            hypotheses[hypothesis.name] = linear_form(hypothesis.polynomial, atoms)
        except NotLinear:
            continue
    forms = [conclusion, *hypotheses.values()]
    used = {a for form in forms for a in form}
    vectors = sorted({v for a in used & products for v in a[1:-1].split(",")})
    scalars = {n for form in forms for c in form.values() for n in c.variables}
    scalars |= {n for f in statement.facts for n in f.polynomial.variables}
    facts = tuple(f for f in statement.facts if not f.polynomial.variables & atoms)
    return GramProblem(
        tuple(sorted(scalars - {UNKNOWN})),
        tuple(vectors),
        tuple(sorted(values)),
        conclusion,
        hypotheses,
        facts,
        UNKNOWN in scalars,
        frozenset(e.name for e in statement.equations if equations) & hypotheses.keys(),
    )


def linear_form(polynomial: Polynomial, atoms: set[str]) -> Linear:
    """The coefficients of the atoms, which must occur linearly."""
    form: dict[str, dict[Monomial, Fraction]] = {}
    for monomial, coefficient in polynomial:
        inside = [(n, e) for n, e in monomial if n in atoms]
        if len(inside) > 1 or any(e > 1 for _, e in inside):
            raise NotLinear(f"{monomial} is not linear")
        rest = tuple(item for item in monomial if item[0] not in atoms)
        form.setdefault(inside[0][0] if inside else "1", {})[rest] = coefficient
    return {atom: Polynomial(terms) for atom, terms in form.items()}


def evaluate(polynomial: Polynomial, point: Mapping[str, float]) -> float:
    """The floating-point value at a parameter point."""
    total = 0.0
    for monomial, coefficient in polynomial:
        value = float(coefficient)
        for name, exponent in monomial:
            value *= point[name] ** exponent
        total += value
    return total


def gram_index(vectors: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Atom name → (i, j) with i ≤ j."""
    return {inner_product_name(a, b): (i, j) for i, a in enumerate(vectors) for j, b in enumerate(vectors) if i <= j}
