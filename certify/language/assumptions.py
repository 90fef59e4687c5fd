"""How an assumption is declared: the inequality as printed in a paper, once, and what it holds between.

An assumption on f overrides any of seven methods; Certify calls them for all points a method visits:

* `between(x, y)`: holds for every ordered pair of points; x is where the (sub)gradient is taken;
* `at(x)`: holds at every point (at those with a (sub)gradient, if it asks for one);
* `along(x, y, f)`: holds for consecutive iterates x and y of a run;
* `together(points)`: holds for all points at once (worst-case problems only);
* `ball_prox(call, y)`: holds for every ball-prox step and every point y;
* `ball_prox_step(call)`: equations or inequalities of a ball-prox step by itself;
* `drawn(draw, f)`: holds for every sample that a stochastic gradient draws; means are written ``f.mean(…)``.

Assumptions on an operator A have `subject = "operator"`; at a point x they know ``x.output`` ∈ A(x) instead of a value
and a gradient.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations, pairwise, permutations
from typing import Any, ClassVar

from certify.language.functions import inner, norm, norm2
from certify.language.oracles import MINIMIZER, SymbolicFunction
from certify.language.parameters import Parametrised
from certify.language.records import BallProxCall, Draw, Evaluation
from certify.language.relations import Equation
from certify.language.scalar import Inequality
from certify.language.trace import Trace


class Assumption(Parametrised):
    """A property of f, of the noise or of the space. Subclasses set `name`, `formula` (LaTeX) and a docstring."""

    name: ClassVar[str] = ""
    formula: ClassVar[str] = ""
    implies: ClassVar[tuple[type[Assumption], ...]] = ()
    """Weaker assumptions that follow (a test proves each implication from the inequalities)."""
    notes: ClassVar[tuple[str, ...]] = ()
    """What readers of a theorem under this assumption should know, a sentence each."""
    subject: ClassVar[str] = "function"
    """What has the property: a ``"function"`` or an ``"operator"``."""
    differentiable: ClassVar[bool] = False
    symmetric: ClassVar[bool] = False
    """Whether `between(x, y)` and `between(y, x)` say the same."""
    interpolating: ClassVar[bool] = True
    """Whether points that satisfy all these inequalities always belong to a function (or operator) of the class; then
    a worst case over points is a worst case over functions. A source must say so."""
    pairwise: ClassVar[bool] = False
    """Whether the class of operators consists of all that satisfy these inequalities at every two points: this is then
    the definition, and whoever satisfies it everywhere is a member."""
    limits: ClassVar[frozenset[str]] = frozenset()
    """Parameters > 0 that may be 0 where numbers are given: the inequalities are those of the larger class then."""
    valued: ClassVar[bool] = True
    """Whether that includes function values. If not, a worst case that involves them is one of a relaxation."""

    def between(self, x: Evaluation, y: Evaluation) -> Inequality | None:
        """The inequality for the ordered pair (x, y): the same one for every pair, unless it looks at labels."""
        return None

    def along(self, x: Evaluation, y: Evaluation, f: SymbolicFunction) -> Any:
        """The inequality for an iterate x and the next one, y, a tuple of them, or None."""
        return None

    def at(self, x: Evaluation, f: SymbolicFunction) -> Any:
        """The inequality or equation at one point, a tuple of them, or None."""
        return None

    def ball_prox(self, call: BallProxCall, y: Evaluation) -> Inequality | None:
        """The inequality for a ball-prox step and a point y."""
        return None

    def ball_prox_step(self, call: BallProxCall, f: SymbolicFunction) -> None:
        """Add to the trace what the ball-prox step itself satisfies; by default what a weaker assumption says."""
        for weaker in self.implies:
            weaker().ball_prox_step(call, f)

    def drawn(self, draw: Draw, f: SymbolicFunction) -> Any:
        """The inequality or equation for a sample, a tuple of them, or None."""
        return None

    def together(self, points: Sequence[Evaluation], f: Any) -> Iterable[Any]:
        """Conditions that involve all points at once (linear operators, quadratics); numerical worst cases only.

        Inequalities, equations and semidefinite matrices; ``(name, condition)`` gives one a name.
        """
        return ()

    def each(self, points: Sequence[Evaluation], f: Any) -> Iterable[Inequality]:
        """What holds of every function f_i of which f is the mean, at the points where it was evaluated."""
        return ()

    def single(self, points: Sequence[Evaluation], f: Any) -> Iterator[tuple[str, Evaluation, Any]]:
        """What `at` says, one relation at a time, with a mark that tells several at one point apart, and the point."""
        for x in points:
            try:
                found = self.at(x, f)
            except LookupError:  # no subgradient of f was asked for at this point
                continue
            if isinstance(found, tuple):
                yield from ((f".{i + 1}", x, relation) for i, relation in enumerate(found))
            elif found is not None:
                yield "", x, found

    def settled(self) -> Assumption:
        """The same class in other words, for numbers at the edge of the domain, where `between` has no meaning."""
        return self

    @classmethod
    def pointwise(cls) -> bool:
        """Whether `between` and `at` say everything, so that a proof in symbols knows all of the assumption."""
        plain = cls.together is Assumption.together and cls.along is Assumption.along
        return cls.subject == "function" and plain

    @classmethod
    def closure(cls) -> frozenset[type[Assumption]]:
        """This assumption and everything it implies."""
        return frozenset({cls}).union(*(weaker.closure() for weaker in cls.implies))

    def hypotheses(self, f: SymbolicFunction) -> None:
        """Write all instances of this assumption into the trace of f (ball-prox steps by themselves excepted)."""
        trace, own = f.trace, f"{self.name}({f.role})" if f.role else self.name
        if self.differentiable:
            for evaluation in list(f.evaluations.values()):
                f.gradient(evaluation.point)
        evaluations = list(f.evaluations.values())
        for x, y in (combinations if self.symmetric else permutations)(evaluations, 2):
            if x.subgradient is not None and (relation := self.between(x, y)) is not None:
                trace.suppose(relation, name=f"{own}[{y.label}←{x.label}]", note=_pair(own, x, y))
        if self.subject == "operator":
            for entry in self.together([e for e in evaluations if e.subgradient is not None], f):
                if isinstance(entry, tuple) and isinstance(entry[1], Inequality):
                    trace.suppose(entry[1], name=f"{own}.{entry[0]}", note=f"{own}: {entry[0]}")
        for x, y in pairwise(f.evaluations.get(z) for z in f.iterates):
            found = None if x is None or y is None else self.along(x, y, f)
            for i, relation in enumerate(found if isinstance(found, tuple) else (found,)):
                if x is not None and y is not None and relation is not None:
                    _write(trace, relation, f"{own}.{i + 1}[{y.label}←{x.label}]", _pair(own, x, y))
        for draw in f.samples:
            try:
                found = self.drawn(draw, f)
            except LookupError:  # the method asked for gradients that may be biased
                continue
            for i, relation in enumerate(found if isinstance(found, tuple) else (found,)):
                if relation is not None:
                    _write(trace, relation, f"{self.name}.{i + 1}[{draw.label}]", f"{self.name} at x{draw.label}")
        for mark, x, relation in self.single([e for e in evaluations if e.label != MINIMIZER], f):
            name, note = f"{own}{mark}[{x.label}]", f"{own} at x{x.label}"
            _write(trace, relation, name, note)
        if f.has_workers:
            for i, relation in enumerate(self.each(f.workers.evaluations, f)):
                trace.suppose(relation, name=f"{self.name}[{i}]", note=f"{self.name} for every worker")
        if f.has_components:
            for i, sample in enumerate(f.components.samples):
                for j, relation in enumerate(self.each(list(sample.evaluations.values()), f)):
                    trace.suppose(relation, name=f"{self.name}{i or ''}[{j}]", note=f"{self.name} for every function")
        self.ball_prox_hypotheses(f)

    def ball_prox_hypotheses(self, f: SymbolicFunction) -> None:
        """Write the instances of `ball_prox` into the trace."""
        for call in f.ball_prox_calls:
            for y in f.evaluations.values():
                if y is not call.output and (relation := self.ball_prox(call, y)) is not None:
                    name = f"{self.name}[{y.label}←{call.output.label}]"
                    f.trace.suppose(relation, name=name, note=_pair(self.name, call.output, y))


def _write(trace: Trace, relation: Inequality | Equation, name: str, note: str) -> None:
    if isinstance(relation, Equation):
        trace.equate(relation.left, relation.right, name=name, note=note)
    else:
        trace.suppose(relation, name=name, note=note)


def _pair(name: str, x: Evaluation, y: Evaluation) -> str:
    return f"{name} from x{x.label} to x{y.label}"


def sphere(call: BallProxCall, f: SymbolicFunction) -> None:
    """‖x − u‖ = t: until a minimiser is reached the ball-prox of a continuous function lies on the sphere."""
    label, step = call.output.label, call.center - call.output.point
    f.trace.geometry.set_norm(step, call.radius)
    if f.trace.geometry.euclidean:
        f.trace.equate(
            norm2(step), call.radius**2, name=f"sphere[{label}]", note=f"x{label} lies on the sphere of radius t"
        )
    else:
        g = call.output.gradient
        size = norm(g)
        f.trace.assume(size, strict=True, name=f"moved[{label}]", note=f"x{label} is not yet a minimiser")
        note = "g pushes straight out of the ball: the optimality condition of the ball-prox"
        f.trace.equate(inner(g, step), call.radius * size, name=f"optimality[{label}]", note=note)
