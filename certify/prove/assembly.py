"""From a closed form to a certificate: clear denominators, write every multiplier as a positive sum, hand it over."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction

from certify.kernel import EquationTerm, Polynomial, Proof, Statement, Term
from certify.language.rings import factor
from certify.language.scalar import Scalar, substitute
from certify.prove.algebra import ClosedForm
from certify.prove.deadlines import Deadline
from certify.prove.gram import UNKNOWN, evaluate
from certify.prove.products import close
from certify.prove.reduction import Reduction
from certify.prove.signs import PositiveSum, Signs, product


@dataclass(frozen=True)
class Square:
    """``weight · ‖Σ coefficient · vector‖²`` in the residual."""

    weight: Scalar
    form: dict[str, Polynomial]


def squares(
    residual: tuple[tuple[Scalar, ...], ...], vectors: tuple[str, ...], deadline: Deadline
) -> list[Square] | None:
    """The residual as a sum of squares by elimination (LDLᵀ over the field of the parameters)."""
    matrix = [list(row) for row in residual]
    left = list(range(len(vectors)))
    result: list[Square] = []
    while left:
        candidates = [i for i in left if matrix[i][i].numerator]
        if not candidates:
            return None if any(matrix[i][j].numerator for i in left for j in left) else result
        pivot = min(candidates, key=lambda i: (len(matrix[i][i].numerator.terms), i))
        row, diagonal = list(matrix[pivot]), matrix[pivot][pivot]
        form = {vectors[j]: row[j] / diagonal for j in left if row[j].numerator}
        result.append(_integral(diagonal, form))
        for i in deadline.each(left):
            for j in left:
                matrix[i][j] = matrix[i][j] - row[i] * row[j] / diagonal
        left.remove(pivot)
    return result


def _integral(weight: Scalar, form: dict[str, Scalar]) -> Square:
    """Move the denominators of the vector into the weight."""
    common = Scalar.constant(1)
    for coefficient in form.values():
        common = common * (coefficient * common).denominator_scalar
    return Square(weight / common**2, {v: (c * common).numerator for v, c in form.items()})


def unsettled(closed: ClosedForm, squares_: Iterable[Square], signs: Signs) -> list[Polynomial]:
    """Factors of multipliers, pivots and denominators whose sign the facts do not give, oriented by the samples."""
    found: list[Polynomial] = []
    scalars = [w for n, w in closed.weights.items() if n not in closed.equations]
    scalars += [s.weight for s in squares_]
    scalars += [Scalar.constant(1) / w.denominator_scalar for n, w in closed.weights.items() if n in closed.equations]
    if closed.unknown is not None:
        scalars.append(Scalar.constant(1) / closed.unknown.denominator_scalar)
    for scalar in scalars:
        _, factors = factor(scalar.numerator)
        for base, exponent in (*factors, *scalar.denominators):
            if exponent % 2 == 0 and (base, exponent) not in scalar.denominators:
                continue
            if signs.nonnegative(base) is None and signs.nonnegative(-base) is None:
                values = [evaluate(base, s.point) for s in closed.samples]
                oriented = base if sum(v > 0 for v in values) * 2 > len(values) else -base
                if oriented not in found:
                    found.append(oriented)
    return found


def assemble(
    statement: Statement, generic: Polynomial, closed: ClosedForm, squares_: Iterable[Square], signs: Signs
) -> Proof | None:
    """The certificate's proof, or None if some multiplier cannot be shown nonnegative.

    `generic` is the conclusion with the unknown as a symbol; clearing denominators may have scaled the two differently.
    """
    squares_ = list(squares_)
    scale = Scalar.constant(1)
    if closed.unknown is not None and statement.conclusion:
        scale = Scalar(statement.conclusion) / substitute(generic, {UNKNOWN: closed.unknown})
    pieces = [(name, w * scale) for name, w in closed.weights.items()]
    roots = [(square, square.weight * scale) for square in squares_]
    common = Scalar.constant(1)
    for _, value in (*pieces, *roots):
        common = common * (value * common).denominator_scalar
    multiplier = signs.positive(common.numerator)
    if multiplier is None:
        multiplier, common = signs.positive(-common.numerator), -common
        if multiplier is None:
            return None
    terms: list[Term] = []
    equations: list[EquationTerm] = []
    for name, value in pieces:
        if name in closed.equations:
            equations.append(EquationTerm(name, (value * common).numerator))
            continue
        positive = signs.nonnegative((value * common).numerator)
        if positive is None:
            return None
        terms += _with(positive, {} if name == "1" else {name: 1}, None)
    for square, value in roots:
        positive = signs.nonnegative((value * common).numerator)
        if positive is None:
            return None
        terms += _with(positive, {}, square.form)
    trivial = len(multiplier) == 1 and not multiplier[0].factors and multiplier[0].coefficient == 1
    return close(
        statement, Reduction(statement, roots=True), tuple(terms), tuple(equations), () if trivial else multiplier
    )


def _with(positive: PositiveSum, factors: dict[str, int], square: dict[str, Polynomial] | None) -> list[Term]:
    return [replace(t, square=square) for t in product(positive, (Term(Fraction(1), factors),))]
