"""Means of n functions f_i, n a symbol, of which a step draws one; and tables with an entry for each function.

The index i that a step draws is uniform on 1, …, n, so the mean over the draw and the mean over all functions are one
positive linear functional, E with E[1] = 1, and what belongs to the generic function f_i is a random vector. A table is
a vector t_j for every j, known before the step draws. When the step replaces entry i by u,

    Σ_j φ(f_j, t_j⁺) = n E φ(f_i, t_i) − φ(f_i, t_i) + φ(f_i, u)

for the i that was drawn: an identity of numbers, whatever φ is. Its mean is (n − 1) E φ(f_i, t_i) + E φ(f_i, u).
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from certify.language.functions import inner
from certify.language.records import Evaluation
from certify.language.scalar import Scalar, exact
from certify.language.vector import Vector

if TYPE_CHECKING:
    from certify.language.oracles import SymbolicFunction
    from certify.language.trace import Trace


@dataclass(eq=False)
class Sample:
    """The function f_i of an index that is drawn, with the oracles that functions have."""

    components: Components
    draws: frozenset[int]
    evaluations: dict[Vector, Evaluation] = field(default_factory=dict)

    def value(self, x: Vector) -> Scalar:
        """f_i(x)."""
        return self.at(x).value

    def gradient(self, x: Vector) -> Vector:
        """∇f_i(x), with mean ∇f(x) over i if x does not depend on i."""
        return self.at(x).gradient

    def prox(self, x: Vector, step: Scalar) -> Vector:
        """prox_{γf_i}(x): u = x − γ g with g ∈ ∂f_i(u)."""
        f, trace = self.components.function, self.components.trace
        label, draws = f._next_label(), self.draws | trace.draws_of(x)
        g = self.components.fresh(f"s{label}", draws)
        u = x - step * g
        trace.label(u, label)
        label = trace.labels[u]
        self.evaluations[u] = Evaluation(u, label, trace.scalar(f"fi_{label}", draws=draws), g)
        return u

    def at(self, point: Vector) -> Evaluation:
        """The record of f_i at a point, made when first needed."""
        if point not in self.evaluations:
            f, trace = self.components.function, self.components.trace
            if fixed := self.components.known_before(point, self.draws):
                own = f.at(point)
                label, mean = own.label, f.gradient(point)
            else:
                label = trace.labels.get(point, f"of{len(self.evaluations)}")
            mark = "'" * self.components.samples.index(self) if self in self.components.samples else "?"
            draws = self.draws | trace.draws_of(point)
            g = self.components.fresh(f"s{label}{mark}", draws)
            value = trace.scalar(f"fi_{label}{mark}", draws=draws)
            self.evaluations[point] = Evaluation(point, label, value, g)
            if fixed:
                ((name, _),) = g.coefficients.items()
                self.components.means[name] = mean
                note = f"E f_i(x{label}) = f(x{label})"
                trace.equate(trace.mean(value), trace.mean(own.value), name=f"mean[{label}{mark}]", note=note)
        return self.evaluations[point]


@dataclass(eq=False)
class Table:
    """A vector for every function; `changes` are what steps replaced: the function, its entry before and after."""

    components: Components
    sample: Sample
    entries: Callable[[Any], Any]
    changes: tuple[tuple[Sample, Vector, Vector], ...] = ()
    others: dict[Sample, Vector] = field(default_factory=dict)

    @cached_property
    def entry(self) -> Vector:
        """The entry of the generic function, before any change."""
        return self.entries(self.sample)

    def __getitem__(self, f_i: Sample) -> Vector:
        """The entry of the function that was drawn."""
        for changed, _, new in reversed(self.changes):
            if changed is f_i:
                return new
        if f_i is self.sample:
            return self.entry
        if f_i not in self.others:  # of a later draw: it may be an entry that was replaced, or one that was not
            draws = self.sample.draws.union(f_i.draws, *(self.components.trace.draws_of(u) for *_, u in self.changes))
            self.others[f_i] = self.components.like(self.entry, "entry", draws)
        return self.others[f_i]

    def replaced(self, f_i: Sample, entry: Vector) -> Table:
        """The table with another entry for the function that was drawn."""
        return Table(self.components, self.sample, lambda _: self.entry, (*self.changes, (f_i, self[f_i], entry)))

    def mean(self, quantity: Callable[[Any, Any], Any] | None = None) -> Any:
        """(1/n)Σ_j φ(f_j, t_j) for vectors or numbers φ; the mean of the entries if no φ is given.

        **Raises:** NotImplementedError if φ is made of what depends on the function that a step draws.
        """
        of = quantity or _entry
        mean = self.components.average(of(self.sample, self.entry), self.sample)
        self._about_entries(of)
        for f_i, old, new in self.changes:
            mean = mean + (of(f_i, new) - of(f_i, old)) / self.components.function.n
        return mean

    def total(self, quantity: Callable[[Any, Any], Any]) -> Any:
        """Σ_j φ(f_j, t_j)."""
        return self.mean(quantity) * self.components.function.n

    def generic(self, name: str) -> Table:
        """A table with any entries, such as may have come about after some steps."""
        with self.components.unseen():
            like = self.entries(self.sample)
        any_entry = self.components.like(like, name, self.sample.draws)
        return Table(self.components, self.sample, lambda _: any_entry)

    def _about_entries(self, of: Callable[[Any, Any], Any]) -> None:
        """Refuse φ(f_j, t_j) that mixes f_j and t_j with what belongs to the function drawn: E would take j for i."""
        trace = self.components.trace
        with self.components.unseen():
            probe = Sample(self.components, trace.randomness.draw())
            found = of(probe, self.components.like(self.entry, "probe", probe.draws))
            drawn = trace.draws_of(found) if isinstance(found, Vector) else _draws(trace, exact(found))
        if drawn - probe.draws:
            raise NotImplementedError("a mean over a table of what depends on the function that the step draws")


@dataclass(eq=False)
class Components:
    """The functions f_i of which a symbolic function is the mean: those drawn so far, and the means that are known."""

    function: SymbolicFunction
    samples: list[Sample] = field(default_factory=list)
    """One for each step, in their order."""
    taken: list[int] = field(default_factory=list)
    """The steps that have drawn."""
    means: dict[str, Vector] = field(default_factory=dict)
    """Random vectors of which the mean over all functions has a name."""

    def __post_init__(self) -> None:
        if self.trace.norm != "euclidean":
            raise NotImplementedError("functions that are drawn live in Euclidean space only")
        self.steps: dict[int, Sample] = {}

    @property
    def trace(self) -> Trace:
        """The trace of the function."""
        return self.function.trace

    def generic(self) -> Sample:
        """f_i for the index i of this step."""
        if self.trace.step not in self.steps:
            self.steps[self.trace.step] = Sample(self, self.trace.randomness.draw())
            self.samples.append(self.steps[self.trace.step])
        return self.steps[self.trace.step]

    def draw(self) -> Sample:
        """The function that this step draws. **Raises:** NotImplementedError if it has drawn one."""
        if self.trace.step in self.taken:
            raise NotImplementedError("a step that draws several functions, one after the other")
        self.taken.append(self.trace.step)
        return self.generic()

    @property
    def last(self) -> Sample:
        """The function drawn last. **Raises:** NotImplementedError if none was drawn."""
        if not self.taken:
            raise NotImplementedError("a step that draws no function")
        return self.steps[self.taken[-1]]

    def table(self, entries: Callable[[Any], Any]) -> Table:
        """The table with these entries."""
        return Table(self, self.generic(), entries)

    def average(self, found: Any, sample: Sample) -> Any:
        """The mean over all functions of a vector or a number."""
        if not isinstance(found, Vector):
            return self.trace.mean(found)
        total = self.trace.geometry.zero()
        for name, coefficient in found.coefficients.items():
            if any(self.trace.randomness.of(n) for n in coefficient.variables):
                raise NotImplementedError("the mean of a vector with random coefficients")
            if self.trace.randomness.vectors.get(name) and name not in self.means:
                number = sum(n.startswith("mean") for n in self.trace.geometry.basis)
                self.means[name] = self.trace.vector(f"mean{number}", dual=True)
            total = total + self.means.get(name, self.basis(name)) * coefficient
        return total

    def basis(self, name: str) -> Vector:
        """A basis vector."""
        return Vector(self.trace.geometry, {name: Scalar.constant(1)})

    def fresh(self, name: str, draws: frozenset[int]) -> Vector:
        """A new random vector."""
        while name in self.trace.geometry.basis:
            name += "'"
        return self.trace.vector(name, dual=True, draws=draws)

    def like(self, entry: Vector, name: str, draws: frozenset[int]) -> Vector:
        """Any point if the entry is one, else any gradient."""
        f = self.function
        if not f.is_point(entry):
            return self.fresh(name, draws)
        point = f._minimizer + self.fresh(f"{name}-x⋆", draws)
        self.trace.label(point, name.replace("_", ""))
        return point

    def known_before(self, v: Vector, draws: frozenset[int]) -> bool:
        """Whether a vector is determined before the first of these draws."""
        return not any(i >= min(draws) for i in self.trace.draws_of(v))

    def known(self) -> None:
        """Write E⟨v, b⟩ = ⟨E v, b⟩ for the vectors v whose means have a name and the vectors b that are not random."""
        trace = self.trace
        origin = self.function._minimizer.coefficients
        names = [n for n in trace.geometry.basis if n not in origin and not trace.randomness.vectors.get(n)]
        for name, mean in self.means.items():
            for other in names:
                left, right = (trace.mean(inner(v, self.basis(other))) for v in (self.basis(name), mean))
                trace.equate(left, right, name=f"mean[{name};{other}]", note=f"the mean of {name} over all functions")

    @contextmanager
    def unseen(self) -> Generator[None]:
        """What is done inside leaves no mark on the trace."""
        trace = self.trace
        owners: list[tuple[Any, tuple[str, ...]]] = [
            (trace, DICTS),
            (trace.randomness, ("vectors", "variables")),
            (trace.geometry, ("basis", "norms")),
        ]
        owners += [(self, ("means",)), *((o, ("evaluations",)) for o in (self.function, *self.samples))]
        kept = [(o, n, dict(getattr(o, n))) for o, names in owners for n in names]
        count, slopes = trace.randomness.count, [(e, e.subgradient) for e in self.function.evaluations.values()]
        try:
            yield
        finally:
            trace.randomness.count = count
            for evaluation, slope in slopes:
                evaluation.subgradient = slope
            for owner, name, value in kept:
                setattr(owner, name, value)


DICTS = ("facts", "hypotheses", "equations", "labels", "moments")


def _entry(f_i: Any, entry: Any) -> Any:
    return entry


def _draws(trace: Trace, value: Scalar) -> frozenset[int]:
    return frozenset().union(*(trace.randomness.of(n) for n in value.variables))
