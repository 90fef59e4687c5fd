"""Upper bounds a + b√d: candidates for multipliers become a certificate over ℚ(√d) if the kernel accepts it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction

from flint import fmpq

from certify.kernel.surd import Number, Surd
from certify.kernel.worst_case import MAX_DIGITS, AlgebraicBound, Unproved, check_upper
from certify.pep.engine.closed import Recognised
from certify.pep.engine.problem import as_fraction, to_kernel
from certify.pep.engine.program import Program, to_multipliers
from certify.pep.engine.sieved import Sieved

EFFORT = MAX_DIGITS // 10
"""Work that may be spent on the check of one candidate."""


def checked_algebraic(sieved: Sieved, found: Recognised, upper: Fraction) -> AlgebraicBound | None:
    """The first certificate among the candidates that the kernel accepts, if it proves less than `upper`."""
    for certificate in _candidates(sieved, found):
        if certificate.bound > upper:
            continue
        try:
            check_upper(certificate, digits=EFFORT)
        except Unproved:
            continue
        return certificate
    return None


def _candidates(sieved: Sieved, found: Recognised) -> Iterator[AlgebraicBound]:
    seen: list[list[fmpq]] = []
    for rational, irrational in found.pairs:
        if rational not in seen:
            seen.append(rational)
            other = sieved.placed(irrational)
            for own in sieved.lifts(rational):
                yield _certificate(sieved.original, own, other, found.root)


def _certificate(program: Program, own: list[fmpq], other: list[fmpq], root: int) -> AlgebraicBound:
    """The certificate with the multipliers own + other·√root."""
    inequalities, equations, matrices = to_multipliers(program, [as_fraction(c) for c in own])
    others = to_multipliers(program, [as_fraction(c) for c in other])

    def joined(a: Mapping[str, Fraction], b: Mapping[str, Fraction]) -> dict[str, Number]:
        zero = Fraction(0)
        return {name: Surd(a.get(name, zero), b.get(name, zero), root) for name in {**a, **b}}

    tables = {
        name: tuple(
            tuple(Surd(p, q, root) for p, q in zip(row, others[2][name][i], strict=True)) for i, row in enumerate(rows)
        )
        for name, rows in matrices.items()
    }
    numbers = (joined(inequalities, others[0]), joined(equations, others[1]))
    used = frozenset(numbers[0]) | frozenset(numbers[1]) | frozenset(tables)
    bound = Surd(as_fraction(program.cost(own)), as_fraction(program.cost(other) - program.constant), root)
    return AlgebraicBound(to_kernel(program.problem, used), bound, *numbers, tables)
