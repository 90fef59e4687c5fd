"""Running a declared method on the function of its worst case: it must attain what was certified.

The method's own `step` runs on plain vectors, and every oracle call goes to the interpolating function, which knows
nothing of the run. So a replay tests the whole chain: model, solver, rounding and interpolation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from certify.language import Method, Run
from certify.pep.engine.problem import ONE
from certify.pep.modelling.expressions import Point
from certify.pep.modelling.functions import Function
from certify.pep.modelling.model import Model
from certify.pep.runs import Posed
from certify.pep.witness.functions import interpolant
from certify.pep.witness.points import NoWitness, Witness

if TYPE_CHECKING:
    from certify.pep.engine.bounds import Bound


class Euclidean:
    """The geometry of plain vectors."""

    def inner(self, u: Vector, v: Vector) -> float:
        """⟨u, v⟩."""
        return float(u.entries @ v.entries)

    def squared_norm(self, v: Vector) -> float:
        """‖v‖²."""
        return float(v.entries @ v.entries)

    def norm(self, v: Vector) -> float:
        """‖v‖."""
        return float(np.linalg.norm(v.entries))


class Vector:
    """A vector of floats that can be multiplied by every kind of number that a method may have as coefficient."""

    __slots__ = ("entries",)
    geometry = Euclidean()

    def __init__(self, entries: np.ndarray) -> None:
        self.entries = entries

    def __add__(self, other: Any) -> Vector:
        return Vector(self.entries + other.entries) if isinstance(other, Vector) else self._plus(other)

    __radd__ = __add__

    def __sub__(self, other: Any) -> Vector:
        return self + (-1) * other

    def __rsub__(self, other: Any) -> Vector:
        return (-1) * self + other

    def __neg__(self) -> Vector:
        return (-1) * self

    def __mul__(self, factor: Any) -> Vector:
        return Vector(float(factor) * self.entries)

    __rmul__ = __mul__

    def __truediv__(self, divisor: Any) -> Vector:
        return Vector(self.entries / float(divisor))

    def __matmul__(self, other: Vector) -> float:
        return self.geometry.inner(self, other)

    def _plus(self, other: Any) -> Vector:
        if other == 0:  # what sum() begins with
            return self
        return NotImplemented


class Oracle:
    """A test function of a batch of one as the `f` of a declaration, on plain vectors; it remembers subgradients."""

    def __init__(self, function: Any, constants: Mapping[str, Any], minimizer: Vector | None) -> None:
        self._function = function
        self._constants = dict(constants)
        self._minimizer = minimizer
        self._slopes: list[tuple[Vector, Vector]] = []

    def __getattr__(self, name: str) -> Any:
        constants = self.__dict__.get("_constants", {})
        if name in constants:
            return constants[name]
        raise AttributeError(f"the assumptions give no constant {name!r}")

    @property
    def minimizer(self) -> Vector:
        """x⋆ of the worst case."""
        if self._minimizer is None:
            raise NoWitness("the worst case has no minimiser")
        return self._minimizer

    @property
    def minimum(self) -> float:
        """f⋆."""
        return float(self._function.minimum)

    def value(self, x: Vector) -> float:
        """f(x)."""
        return float(self._function.value(self._row(x)))

    __call__ = value

    def subgradient(self, x: Vector) -> Vector:
        """The subgradient said before at this very vector, or a new one."""
        for point, slope in self._slopes:
            if point is x:
                return slope
        slope = Vector(self._function.subgradient(self._row(x))[0].numpy())
        self._slopes.append((x, slope))
        return slope

    gradient = subgradient

    def prox(self, x: Vector, step: Any) -> Vector:
        """prox_{γf}(x), which fixes the subgradient (x − u)/γ at u."""
        u = Vector(self._function.prox(self._row(x), float(step))[0].numpy())
        self._slopes.append((u, (x - u) / step))
        return u

    def brox(self, x: Vector, radius: Any) -> Vector:
        """brox_t f(x)."""
        u, g = self._function.brox(self._row(x), float(radius))
        found = Vector(u[0].numpy())
        self._slopes.append((found, Vector(g[0].numpy())))
        return found

    def _row(self, x: Vector) -> Any:
        import torch

        return torch.from_numpy(np.ascontiguousarray(x.entries))[None, :]


@dataclass(frozen=True)
class Replay:
    """What a method attains on its worst-case function, and what was certified; `run` holds all iterates."""

    attained: float
    certified: Fraction
    initial: float
    bound: Fraction
    run: Run

    @property
    def error(self) -> float:
        """|attained − certified|, relative to the certified value (if that is not 0)."""
        size = abs(float(self.certified))
        return abs(self.attained - float(self.certified)) / (size or 1.0)


def oracles(witness: Witness) -> dict[Function, Oracle]:
    """All functions of a model's worst case, ready to run methods on.

    **Raises:** `NoWitness` if one of them has no explicit interpolant.
    """
    found = {}
    for f in witness.functions:
        constants = {s: v for a in f.assumptions for s, v in a.values.items()}
        star = next((e.point for e in f.evaluations if e.label == "⋆"), None)
        found[f] = Oracle(interpolant(witness, f), constants, None if star is None else vector(witness, star))
    return found


def vector(witness: Witness, point: Point) -> Vector:
    """A point of the worst case as a plain vector."""
    coordinates = witness.coordinates(point)
    return Vector(coordinates if len(coordinates) else np.zeros(1))


def run(
    method: Method, functions: tuple[Any, ...], starts: tuple[Vector, ...], steps: int, solution: Any = None
) -> Run:
    """N steps of a method on concrete functions."""
    states = [method.start(*starts, *functions)]
    for _ in range(steps):
        states.append(method.advance(len(states) - 1, states[-1], *functions))
    return Run(method, functions, tuple(states), solution)


def replay(posed: Posed, bound: Bound) -> Replay:
    """Run the method of a question on the function of its worst case.

    **Arguments:** `bound` is the answer to the question, ``answer(posed)``.

    **Raises:** `NoWitness` if there is no exact worst case, or none with an explicit function.
    """
    asked, model = posed.question, posed.model
    witness = Witness.of(model, bound)
    known = oracles(witness)
    missing = [f.name for f in posed.run.functions if f not in known]
    if missing:
        raise NoWitness(f"{', '.join(missing)} is an operator; worst cases are replayed for functions only")
    solution = posed.run.solution
    about = solution if isinstance(solution, tuple) else (solution,) * len(asked.method.starts)
    centres = tuple(vector(witness, point) for point in about)
    functions = tuple(known[f] for f in posed.run.functions)
    try:
        starts = tuple(vector(witness, point) for point in start_points(model, asked.method, about))
        whole = centres if isinstance(solution, tuple) else centres[0]
        played = run(asked.method, functions, starts, asked.steps, whole)
        first = asked.initial.of(played, 0)
        last = asked.measure.of(played, asked.steps)
    except (AttributeError, TypeError, NotImplementedError) as error:
        raise NoWitness(f"{asked.method.name} uses what functions given by points do not offer: {error}") from error
    return Replay(
        attained=min(map(float, last)),
        certified=witness.attained.value,
        initial=float(first[0]),
        bound=asked.bound,
        run=played,
    )


def start_points(model: Model, method: Method, about: tuple[Point, ...]) -> Iterator[Point]:
    """The starting points, which `pose` writes as a solution plus a fresh vector."""
    for name, centre in zip(method.starts, about, strict=True):
        fresh = f"{name}0-{name}⋆"
        if fresh not in model.vectors:
            raise NoWitness(f"the starting point {name}0 is not a vector of one space")
        yield centre + Point(centre.space, {model.vectors.index(fresh): ONE})
