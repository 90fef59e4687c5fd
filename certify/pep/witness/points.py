"""A worst case in coordinates: from an exact Gram matrix to points, gradients and values of functions.

G = C D Cᵀ over the rationals, so vector i has the coordinates Cᵢ in an orthogonal basis whose squared lengths are D;
in an orthonormal one they are Cᵢ √D, turned so that the first axes show most (one or two often show all).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from flint import fmpq

from certify.kernel.worst_case import Attained
from certify.pep.engine.problem import ZERO, as_fraction
from certify.pep.modelling.expressions import Expression, Point
from certify.pep.modelling.functions import Function
from certify.pep.modelling.lazily import best_frame
from certify.pep.modelling.model import Model
from certify.pep.modelling.records import Records

if TYPE_CHECKING:
    from certify.pep.engine.bounds import Bound

Exact = tuple[Fraction, ...]


class NoWitness(ValueError):
    """There is no exact worst case to show, or none in the form asked for; the message says why."""


@dataclass(frozen=True)
class Record:
    """What the worst case says of one function at one point."""

    label: str
    point: Exact
    value: Fraction
    gradient: Exact | None


@dataclass(frozen=True)
class Witness:
    """An exact worst case of a model: a vector for every point, a number for every expression.

    `squares` are the squared lengths of the orthogonal basis that the exact coordinates refer to.
    """

    model: Model
    attained: Attained
    squares: Exact
    vectors: Mapping[int, Exact]

    @classmethod
    def of(cls, model: Model, bound: Bound) -> Witness:
        """The worst case found by ``bound = model.solve()``.

        **Raises:** `NoWitness` if the bound has no lower certificate, or belongs to another model.
        """
        attained = bound.lower_certificate
        if attained is None:
            raise NoWitness(f"no exact worst case was found ({bound.verdict.word}: {bound.verdict.sentence})")
        names = attained.problem.vectors
        gram = {_pair(name, names): fmpq(c.numerator, c.denominator) for name, c in attained.gram.items()}
        images: Mapping[int, Mapping[int, fmpq]] | None = None
        if names != tuple(model.vectors):
            owners = [o for o in model.owners if isinstance(o, Records)]
            frame = best_frame(model, [e for o in owners for _ in o.named() for e in o.evaluations])
            if names != tuple(frame.target.vectors):
                raise NoWitness("the bound belongs to another model")
            images = frame.back
        squares, rows = ldl(gram, len(names))
        if images is None:
            exact = dict(enumerate(rows))
        else:
            exact = {i: _combine(images.get(i, {}), rows, len(squares)) for i in range(len(model.vectors))}
        return cls(
            model,
            attained,
            tuple(map(as_fraction, squares)),
            {i: tuple(map(as_fraction, row)) for i, row in exact.items()},
        )

    @property
    def dimension(self) -> int:
        """The dimension of the space that the worst case lives in."""
        return len(self.squares)

    @cached_property
    def frame(self) -> np.ndarray:
        """From coordinates in the orthogonal basis to coordinates along principal axes, the widest first."""
        lengths = np.sqrt(np.array([float(d) for d in self.squares]))
        rows = [row for row in self.vectors.values() if any(row)]
        cloud = np.array([[float(x) for x in row] for row in rows]).reshape(len(rows), len(lengths)) * lengths
        _, _, axes = np.linalg.svd(np.vstack([cloud, np.zeros((len(lengths), len(lengths)))]), full_matrices=False)
        return lengths[:, None] * axes.T

    @cached_property
    def widths(self) -> np.ndarray:
        """How far the vectors extend along the principal axes; few of them are large if the worst case is simple."""
        rows = [self.floats(row) for row in self.vectors.values()]
        return np.abs(np.array(rows)).max(axis=0) if rows else np.zeros(0)

    def exact(self, point: Point) -> Exact:
        """The coordinates of a point in the orthogonal basis."""
        total = [Fraction(0)] * self.dimension
        for i, c in point.coefficients.items():
            factor = as_fraction(c)
            total = [t + factor * x for t, x in zip(total, self.vectors[i], strict=True)]
        return tuple(total)

    def coordinates(self, point: Point) -> np.ndarray:
        """The coordinates of a point along the principal axes."""
        return self.floats(self.exact(point))

    def floats(self, exact: Exact) -> np.ndarray:
        """Exact coordinates as floating-point ones along the principal axes."""
        return np.array([float(x) for x in exact]) @ self.frame

    def value(self, expression: Expression) -> Fraction:
        """The exact value of an expression of the model."""
        total = Fraction(0)
        for key, c in expression.terms.items():
            if not key:
                quantity = Fraction(1)
            elif len(key) == 1:
                quantity = self.attained.values[self.model.values[key[0]]]
            else:
                pairs = zip(self.squares, self.vectors[key[0]], self.vectors[key[1]], strict=True)
                quantity = sum((d * x * y for d, x, y in pairs), Fraction(0))
            total += as_fraction(c) * quantity
        return total

    def records(self, function: Function) -> tuple[Record, ...]:
        """Everything known of a function in this worst case."""
        return tuple(
            Record(
                label=e.label,
                point=self.exact(e.point),
                value=self.value(e.value),
                gradient=None if e.subgradient is None else self.exact(e.subgradient),
            )
            for e in function.evaluations
        )

    @property
    def functions(self) -> tuple[Function, ...]:
        """The functions of the model."""
        return tuple(owner for owner in self.model.owners if isinstance(owner, Function))

    def to_json(self, *, exact: bool = False) -> dict[str, Any]:
        """Points, gradients and values of all functions as JSON data; floats along the principal axes, or with `exact`
        strings of rationals in the orthogonal basis whose squared lengths are `squares`."""

        def vector(v: Exact | None) -> list[Any] | None:
            if v is None:
                return None
            return [str(x) for x in v] if exact else self.floats(v).tolist()

        data: dict[str, Any] = {
            "value": str(self.attained.value),
            "dimension": self.dimension,
            "functions": {
                f.name: {
                    "assumptions": [
                        {"name": a.name, **{s: str(c) for s, c in a.values.items()}} for a in f.assumptions
                    ],
                    "labels": [r.label for r in self.records(f)],
                    "points": [vector(r.point) for r in self.records(f)],
                    "gradients": [vector(r.gradient) for r in self.records(f)],
                    "values": [str(r.value) if exact else float(r.value) for r in self.records(f)],
                }
                for f in self.functions
            },
        }
        return data | {"squares": [str(d) for d in self.squares]} if exact else data


def ldl(gram: Mapping[tuple[int, int], fmpq], size: int) -> tuple[list[fmpq], list[list[fmpq]]]:
    """D and C with G = C D Cᵀ, D > 0, by exact elimination; C has one row a vector.

    **Raises:** `NoWitness` if G is not positive semidefinite.
    """
    rest = [[ZERO] * size for _ in range(size)]
    for (i, j), c in gram.items():
        rest[i][j] = rest[j][i] = c
    squares: list[fmpq] = []
    columns: list[list[fmpq]] = []
    for k in range(size):
        pivot = rest[k][k]
        if pivot < 0 or (not pivot and any(rest[i][k] for i in range(k, size))):
            raise NoWitness("the Gram matrix is not positive semidefinite")
        if not pivot:
            continue
        column = [ZERO] * k + [rest[i][k] / pivot for i in range(k, size)]
        for i in range(k, size):
            if column[i]:
                scaled = column[i] * pivot
                for j in range(k, i + 1):
                    if column[j]:
                        rest[i][j] -= scaled * column[j]
                        rest[j][i] = rest[i][j]
        squares.append(pivot)
        columns.append(column)
    return squares, [[column[i] for column in columns] for i in range(size)]


def _pair(name: str, vectors: Sequence[str]) -> tuple[int, int]:
    a, _, b = name[1:-1].partition(",")
    return vectors.index(a), vectors.index(b)


def _combine(image: Mapping[int, fmpq], rows: Sequence[Sequence[fmpq]], size: int) -> list[fmpq]:
    total = [ZERO] * size
    for i, c in image.items():
        total = [t + c * x for t, x in zip(total, rows[i], strict=True)]
    return total
