"""Whether a symmetric matrix of exact numbers is ⪰ 0, decided with integers.

Most matrices are clearly positive definite: a Cholesky factor rounded to integers shows it, and no number grows. The
others, singular ones among them, are eliminated exactly.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from math import gcd, isqrt, lcm
from operator import mul
from typing import Any

from certify.kernel.check import Rejected
from certify.kernel.surd import Number, Surd

Rows = dict[str, dict[str, Number]]
"""A symmetric matrix, with both entries of each pair."""
LONG = 4
"""A row is long if it has more than this many times the entries of the one that is subtracted."""
MAX_DIGITS = 1_000_000_000
"""How many squared 64-bit words the eliminations of one check may touch: some seconds."""
BITS = 60
"""Binary digits of a rounded factor."""
SHORT, NEAR = 1000, 12
"""In a vector that is tried as one of the kernel: the largest denominator, and how many binary zeros show an integer.
"""
SPARSE = 64
"""A matrix is sparse if n³ is more than this many times the squares of its rows' lengths: then few are eliminated."""


class Unproved(Rejected):
    """The data do not prove the bound, or do not attain the value; the message says what failed."""


class Budget:
    """Work that may still be done."""

    def __init__(self, digits: int) -> None:
        self.left = digits

    def spend(self, number: Number | int, times: int) -> None:
        """Pay for so many products with numbers of this length; raises `Unproved` if that is too much."""
        if isinstance(number, int):
            bits = number.bit_length()
        else:
            parts = (number.a, number.b) if isinstance(number, Surd) else (number,)
            bits = sum(q.numerator.bit_length() + q.denominator.bit_length() for q in parts)
        words = 1 + bits // 64
        self.left -= words * words * times
        if self.left < 0:
            raise Unproved("the check needs more work than is allowed")


def semidefinite(matrix: Rows, budget: Budget) -> bool:
    """Whether a symmetric matrix is ⪰ 0."""
    rows = {name: row for name, row in matrix.items() if row}
    if any(isinstance(entry, Surd) for row in rows.values() for entry in row.values()):
        return eliminated(rows, budget, irrational=True)
    size = len(rows)
    if size**3 <= SPARSE * sum(len(row) ** 2 for row in rows.values()):
        budget.spend(1 << 2 * BITS, size**3 // 6)
        if factored(rows, budget):
            return True
    return eliminated(rows, budget)


def factored(matrix: Mapping[str, Mapping[str, Any]], budget: Budget) -> bool:
    """Whether a rounded factor proves that a rational matrix A is ⪰ 0; False if it does not.

    Let D be diagonal, of powers of two for which the diagonal of DAD is below 1, and B = 2^BITS. Then B²·DAD = R + E
    with integers R and entries 0 ≤ E < 1. For δ = nB the Cholesky factor of R − δI is computed with divisions and roots
    rounded down, so that R − δI = LLᵀ + M with 0 ≤ M_ii and 0 ≤ M_ij < L_jj ≤ B for j < i. Hence

        B²·DAD = LLᵀ + (δI + M + E),

    where the sum in brackets is diagonally dominant: n − 1 entries below B + 1 face at least nB (and n is below B).

    Where a root fails the first rows are nearly dependent. If there is a short vector d with A d = 0, exactly, and
    d_i ≠ 0, then row and column i follow from the others, and A ⪰ 0 if that is so without them.
    """
    rows = {name: _Line(row) for name, row in matrix.items()}
    shifts: dict[str, int] = {}
    factor: dict[str, list[int]] = {}
    least = len(rows) << BITS
    for name, row in rows.items():
        p = row.numerators.get(name, 0)
        if p <= 0:
            return False
        shift = shifts[name] = (row.denominator.bit_length() - p.bit_length() - 1) // 2 + BITS
        line: list[int] = []
        for other, own in factor.items():
            rest = row.scaled(other, shift + shifts[other]) - sum(map(mul, line, own))
            line.append(rest // own[-1])
        rest = row.scaled(name, 2 * shift) - least - sum(map(mul, line, line))
        if rest > 0:
            line.append(isqrt(rest))
            factor[name] = line
        else:
            budget.spend(1 << 2 * BITS, len(rows) ** 2)
            if not _dependent(rows.values(), name, line, factor, shifts):
                return False
    return True


class _Line:
    """A rational row as integers over one denominator."""

    def __init__(self, row: Mapping[str, Any]) -> None:
        ratios = {name: entry.as_integer_ratio() for name, entry in row.items()}
        common = self.denominator = lcm(*(q for _, q in ratios.values()))
        self.numerators = {name: p * (common // q) for name, (p, q) in ratios.items()}

    def scaled(self, name: str, shift: int) -> int:
        """An entry times 2^shift, rounded down."""
        p = self.numerators.get(name, 0)
        return (p << shift) // self.denominator if shift >= 0 else p // (self.denominator << -shift)


def _dependent(
    rows: Iterable[_Line], name: str, line: list[int], factor: Mapping[str, list[int]], shifts: Mapping[str, int]
) -> bool:
    """Whether a row of the matrix is exactly a combination of those before it, with short coefficients."""
    names, columns = list(factor), list(factor.values())
    solution = [0] * len(names)
    for j in reversed(range(len(names))):  # Lᵀ·solution = line, with 2^BITS as unit
        rest = line[j] << BITS
        for k in range(j + 1, len(names)):
            rest -= columns[k][j] * solution[k]
        solution[j] = rest // columns[j][j]
    unit = BITS + shifts[name]
    vector = {other: _short(-y, unit - shifts[other]) for other, y in zip(names, solution, strict=True)}
    common = lcm(*(c.denominator for c in vector.values()))
    integers = {other: c.numerator * (common // c.denominator) for other, c in vector.items()} | {name: common}
    get = integers.get
    return not any(sum(p * get(other, 0) for other, p in row.numerators.items()) for row in rows)


def _short(numerator: int, shift: int) -> Fraction | int:
    """A number with few digits near numerator/2^shift."""
    if shift < 0:
        return numerator << -shift
    unit = 1 << shift
    nearest = (2 * numerator + unit) // (2 * unit)
    near = abs(numerator - nearest * unit) << NEAR < unit
    return nearest if near else Fraction(numerator, unit).limit_denominator(SHORT)


def eliminated(matrix: Mapping[str, Mapping[str, Any]], budget: Budget, *, irrational: bool = False) -> bool:
    """The same by exact elimination, the sparsest row first.

    A row may be multiplied by any positive number: that changes no sign, neither of a pivot nor of what is left. Short
    rows are kept as integers; of a long row only the entries that change are touched, and it has fractions.
    """
    scaled = _monic if irrational else _coprime
    rows = {name: scaled(row if irrational else _integers(row)) for name, row in matrix.items()}
    fractional: set[str] = set()
    while rows:
        pivot = min(rows, key=lambda name: len(rows[name]))
        row = rows.pop(pivot)
        if pivot in fractional:
            row = scaled(_integers(row))
        diagonal = row.pop(pivot, 0)
        if diagonal < 0 or (not diagonal and row):
            return False
        for name in row:
            target = rows[name]
            if not irrational and len(target) > LONG * len(row):
                fractional.add(name)
                ratio = target.pop(pivot) / Fraction(diagonal)
                budget.spend(ratio, len(row))
                for b, entry in row.items():
                    target[b] = target.get(b, 0) - ratio * entry
                    if not target[b]:
                        del target[b]
                continue
            if name in fractional:
                fractional.remove(name)
                target = _integers(target)
            factor = target.pop(pivot)
            common = 1 if irrational else gcd(diagonal, factor)
            scale, factor = (diagonal, factor) if common == 1 else (diagonal // common, factor // common)
            budget.spend(scale * factor, len(row) + len(target))
            combined = {b: scale * entry for b, entry in target.items()}
            for b, entry in row.items():
                combined[b] = combined.get(b, 0) - factor * entry
            rows[name] = scaled(combined)
    return True


def _integers(row: Mapping[str, Any]) -> dict[str, int]:
    """A rational row times its common denominator."""
    common = lcm(*(entry.denominator for entry in row.values()))
    return {name: entry.numerator * (common // entry.denominator) for name, entry in row.items()}


def _coprime(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of integers without their common factor, and without zeros."""
    common = gcd(*row.values()) or 1
    return {name: entry // common for name, entry in row.items() if entry}


def _monic(row: Mapping[str, Any]) -> dict[str, Any]:
    """A positive multiple of a row whose first entry is 1 or −1, without zeros."""
    entries = {name: entry for name, entry in row.items() if entry}
    first = next(iter(entries.values()), Fraction(1))
    size = first if first > 0 else -first
    return {name: entry / size for name, entry in entries.items()}
