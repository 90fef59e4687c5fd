"""Coordinates in which a problem is sparse: iterates as basis vectors instead of the gradients between them.

After N gradient steps the point x_N is a sum of N + 1 basis vectors (x_0 and all gradients), so every inequality is
dense. With the iterates as basis, g_k = (x_k − x_{k+1})/γ has two terms, every inequality a handful, and the dual
matrix is banded. The change of basis is exact and invertible: the two problems are the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from flint import fmpq

from certify.language import Evaluation
from certify.pep.engine.problem import ONE, ZERO, Key, Terms
from certify.pep.modelling.expressions import Point
from certify.pep.modelling.ledger import Ledger

Combination = dict[int, fmpq]


class Frame:
    """A new basis chosen among `candidates`, completed by old basis vectors, and maps into it.

    The scratch model `target` has the same function values and the new basis; its points are what `point` returns.
    """

    def __init__(self, model: Ledger, candidates: Iterable[Point], names: Mapping[Point, str] | None = None) -> None:
        self.model = model
        self._names = names or {}
        self.target = Ledger()
        self.target.values = model.values
        self.target.reserve(model.values)
        self._old: dict[int, Combination] = {}
        """Old basis vector → its coordinates in the new basis."""
        self._points: dict[Point, Point] = {}
        for point in candidates:
            if point.space is model.space:
                self._adopt(point)
        for i, name in enumerate(model.vectors):
            if i not in self._old:
                self._old[i] = {self._new(name): ONE}

    def point(self, point: Point) -> Point:
        """The same vector in the new coordinates."""
        found = self._points.get(point)
        if found is None:
            found = self._points[point] = Point(self.target.space, self._image(point.coefficients))
        return found

    def evaluation(self, evaluation: Evaluation) -> Evaluation:
        """The same record in the new coordinates."""
        gradient = evaluation.subgradient
        value = type(evaluation.value)(self.target, evaluation.value.terms)
        mapped = None if gradient is None else self.point(gradient)
        return Evaluation(self.point(evaluation.point), evaluation.label, value, mapped)

    def terms(self, terms: Terms) -> Terms:
        """The same affine form in the new coordinates."""
        result: dict[Key, fmpq] = {}
        for key, c in terms.items():
            if len(key) < 2:
                result[key] = result.get(key, ZERO) + c
                continue
            for i, a in self._old[key[0]].items():
                for j, b in self._old[key[1]].items():
                    pair = (i, j) if i <= j else (j, i)
                    result[pair] = result.get(pair, ZERO) + c * a * b
        return {key: c for key, c in result.items() if c}

    @property
    def back(self) -> Mapping[int, Combination]:
        """Old basis vectors in terms of the new ones."""
        return self._old

    def _adopt(self, point: Point) -> None:
        """Make the point a basis vector, if it is independent: its newest old vector is then expressed through it.

        What is already expressed is subtracted; of the rest, the vector made last becomes
        (point − everything else)/coefficient, where everything else must be in the new basis too.
        """
        unknown = [i for i in point.coefficients if i not in self._old]
        if not unknown:
            return
        *others, newest = sorted(unknown)
        for i in others:
            self._old[i] = {self._new(self.model.vectors[i]): ONE}
        rest = self._image({i: c for i, c in point.coefficients.items() if i != newest})
        name = self.model.label_of(point) or self._names.get(point) or f"p{len(self.target.vectors)}"
        if name == "1":  # a good label, but as a name of a quantity it stands for the constant
            name = "x1"
        scale = 1 / point.coefficients[newest]
        image = {i: -c * scale for i, c in rest.items()}
        image[self._new(name)] = scale
        self._old[newest] = image

    def _image(self, coefficients: Mapping[int, fmpq]) -> Combination:
        result: Combination = {}
        for i, c in coefficients.items():
            for j, b in self._old[i].items():
                result[j] = result.get(j, ZERO) + c * b
        return {j: c for j, c in result.items() if c}

    def _new(self, name: str) -> int:
        (index,) = self.target.point(name).coefficients
        return index
