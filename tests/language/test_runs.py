"""A trace says nothing that a run contradicts: all its facts, hypotheses and equations hold on exact functions.

The method of every theorem is run on functions of the line that satisfy the assumptions, in fractions; the quantities
of the trace are then given their values in that run. The points that symbols describe are the points of the run, and
batches of tensors visit the same ones.
"""

from collections.abc import Iterator, Mapping
from fractions import Fraction as Q
from math import prod

import pytest
import torch

from certify.analysis.catalogue import assumption_names, load_assumption, load_method, method_names
from certify.kernel import Polynomial
from certify.language import Assumption, Method, Problem, Scalar, Vector, pose
from certify.simulate import exact
from certify.simulate.exact import PiecewiseQuadratic
from certify.simulate.membership import MEMBERSHIP, satisfies
from certify.simulate.recorded import Recorded

CONSTANTS = {"L": Q(2), "mu": Q(1, 2), "M": Q(1), "s": Q(1, 2), "nu": Q(1, 2)}
SIZES = {"gamma": (Q(1, 5), Q(1, 2), Q(9, 10)), "t": (Q(1, 3), Q(1), Q(3, 2))}
STARTS = (Q(-3), Q(7, 3), Q(5))
FUNCTIONS = [
    exact.quadratic(2, 1),
    exact.quadratic(1),
    exact.quadratic(Q(1, 2), Q(-1, 3)),
    exact.huber(2, Q(1, 2)),
    exact.huber(1, Q(1, 3), 2),
    exact.absolute(1, Q(1, 4)),
    exact.absolute(Q(1, 2)).plus(a=Q(1, 4)),
    exact.maximum_of_slopes([(-1, 0), (Q(1, 3), 1), (1, -1)]),
    exact.vee(1, Q(1, 3)),
    exact.smooth([-1, 1], [Q(1, 2), 2, 1]),
    exact.smooth([-1, 1, 2], [2, 1, -1, 2]),
    exact.smooth([0, 1, 2], [1, 0, -2, Q(1, 2)]),
    exact.ball_convexity_needs_continuity(),
]
IRRATIONAL = {("normalised-subgradient", "gap-smooth")}
"""Bounds with a root of what is known at the start."""
THEOREMS = [
    pytest.param(load_method(name), statement.name, norm, id=f"{name}/{statement.name}/{norm}")
    for name in method_names()
    for statement in load_method(name).theorems().values()
    for norm in statement.norms
    if all(a.name in MEMBERSHIP for a in statement.assumptions) and load_method(name).stateless()
    if (name, statement.name) not in IRRATIONAL
]


class Run:
    """A run in fractions, and the values that it gives to the quantities of a trace."""

    def __init__(self, problem: Problem, function: PiecewiseQuadratic, start: Q, sizes: Mapping[str, Q]) -> None:
        self.problem, self.function = problem, function
        index = {"k": Q(2), "m": Q(3), "r": Q(1, 7)}
        self.values: dict[str, Q] = {**CONSTANTS, **sizes, **index, "f⋆": function.minimum()}
        self.f = Recorded(function, CONSTANTS, minimizer=function.minimizer(start))
        method = type(problem.method)(**sizes)
        self.points = [start]
        for _ in range(problem.theorem.steps):
            self.points.append(method.step(self.points[-1], self.f))
        self.basis: dict[str, Q] = {"x⋆": self.f.minimizer}
        if self.f.active():
            self._assign()

    def _assign(self) -> None:
        for label, x in enumerate(self.points):
            self.basis[f"x{label}-x⋆"] = x - self.f.minimizer
            if f"g{label}" in self.problem.trace.geometry.basis:
                self.basis[f"g{label}"] = self.f.subgradient(x)
        self._measure()  # steps may be divided by norms
        for call in self.problem.function.ball_prox_calls:
            if call.multiplier is not None:
                step = self.at(call.center) - self.at(call.output.point)
                slope = self.f.subgradient(self.points[int(call.output.label)])
                self.values[str(*call.multiplier.variables)] = slope / step
        for evaluation in self.problem.function.evaluations.values():
            x = self.at(evaluation.point)
            self.values[str(*evaluation.value.variables)] = self.function.value(x)
            name = f"g{evaluation.label}"
            if name in self.problem.trace.geometry.basis and name not in self.basis:
                self.basis[name] = self.f.subgradient(x)
        for a, u in self.basis.items():
            for b, v in self.basis.items():
                self.values[f"<{a},{b}>"] = self.values[f"({a}|{b})"] = u * v
        self._measure()

    def _measure(self) -> None:
        """The norms of vectors that are known."""
        for vector, size in self.problem.trace.geometry.norms.items():
            if not vector.coefficients.keys() <= self.basis.keys():
                continue
            if len(size.numerator.terms) == 1 and size.variables and str(*size.variables).startswith("|"):
                self.values[str(*size.variables)] = abs(self.at(vector))

    def at(self, vector: Vector) -> Q:
        """The number that a vector of the trace is."""
        return sum((self.value(c) * self.basis[n] for n, c in vector.coefficients.items()), Q(0))

    def value(self, quantity: Scalar | Polynomial) -> Q:
        """The value of a quantity."""
        if isinstance(quantity, Scalar):
            return self.value(quantity.numerator) / prod(
                (self.value(b) ** e for b, e in quantity.denominators), start=Q(1)
            )
        return sum((c * prod(self.values[n] ** e for n, e in m) for m, c in quantity), Q(0))

    def speaks(self) -> bool:
        """Whether the theorem says something about this run: no minimiser was reached, its conditions hold."""
        if not self.f.active():
            return False
        return all(self.value(self.problem.trace.facts[n].polynomial) >= 0 for n in self.problem.conditions)


def in_class(problem: Problem, function: PiecewiseQuadratic, radii: tuple[Q, ...]) -> bool:
    """Whether the function satisfies all assumptions."""
    return all(satisfies(function, a.name, CONSTANTS, radii) for a in problem.assumptions)


def runs(kind: type[Method], name: str, norm: str) -> Iterator[Run]:
    """Runs that a theorem speaks about."""
    statement = kind.theorems()[name]
    problem = pose(kind, statement.assumptions, statement, norm=norm)
    (symbol,) = kind.parameters()
    for function in FUNCTIONS:
        for size in SIZES[symbol]:
            if in_class(problem, function, (size,)):
                for start in STARTS:
                    run = Run(problem, function, start, {symbol: size})
                    if run.speaks():
                        yield run


@pytest.mark.parametrize(("kind", "name", "norm"), THEOREMS)
def test_everything_a_trace_says_is_true_of_runs(kind: type[Method], name: str, norm: str) -> None:
    count = 0
    for run in runs(kind, name, norm):
        trace, count = run.problem.trace, count + 1
        assert [run.at(x) for x in run.problem.points] == run.points
        for fact in trace.facts.values():
            assert run.value(fact.polynomial) >= 0, fact
            assert not fact.strict or run.value(fact.polynomial) > 0, fact
        for hypothesis in trace.hypotheses.values():
            assert run.value(hypothesis.polynomial) >= 0, hypothesis
        for equation in trace.equations.values():
            assert run.value(equation.polynomial) == 0, equation
    assert count >= 3


def test_a_wrong_assumption_would_be_noticed() -> None:
    """Smooth functions are not convex: some run contradicts the convexity that a trace would then contain."""
    kind = load_method("gd")
    statement = kind.theorems()["gap"]
    problem = pose(kind, statement.assumptions, statement)
    found = []
    for function in FUNCTIONS:
        if satisfies(function, "smooth", CONSTANTS) and function.argmin()[1]:
            run = Run(problem, function, Q(5, 4), {"gamma": Q(1, 2)})
            found.append(min(run.value(h.polynomial) for h in problem.trace.hypotheses.values()))
    assert min(found) < 0 <= max(found)


DECIDED = [load_assumption(name) for name in assumption_names() if name in MEMBERSHIP]


@pytest.mark.parametrize("assumption", DECIDED, ids=lambda a: a.name)
def test_the_functions_try_every_assumption_that_is_decided(assumption: type[Assumption]) -> None:
    inside = [f for f in FUNCTIONS if satisfies(f, assumption.name, CONSTANTS, (Q(1),))]
    assert 2 <= len(inside) < len(FUNCTIONS)


class Batch:
    """f(y) = (a/2)‖y‖² on batches of points of the plane."""

    def __init__(self, curvature: Q) -> None:
        self.curvature = float(curvature)

    def subgradient(self, x: torch.Tensor) -> torch.Tensor:
        return self.curvature * x

    gradient = subgradient

    def prox(self, x: torch.Tensor, step: torch.Tensor) -> torch.Tensor:
        return x / (1 + self.curvature * step)

    def brox(self, x: torch.Tensor, radius: torch.Tensor) -> torch.Tensor:
        distance = x.norm(dim=1, keepdim=True)
        return x * (1 - radius / distance).clamp_min(0)


@pytest.mark.parametrize("name", sorted({str(case.values[0].name) for case in THEOREMS}))  # noise has no one run
def test_tensors_visit_the_points_of_the_exact_run(name: str) -> None:
    """On a multiple of ‖y‖² every method moves along the line through 0 and the start."""
    kind, curvature, direction = load_method(name), Q(3, 2), torch.tensor([[0.6, 0.8]], dtype=torch.float64)
    (symbol,) = kind.parameters()
    sizes = SIZES[symbol]
    f = Recorded(exact.quadratic(curvature), {})
    columns = {symbol: torch.tensor([[float(s)] for s in sizes], dtype=torch.float64)}
    batch, method = Batch(curvature), kind(**columns)
    points = list(STARTS)
    x = torch.tensor([[float(p)] for p in points], dtype=torch.float64) * direction
    for _ in range(3):
        points = [kind(**{symbol: s}).step(p, f) for s, p in zip(sizes, points, strict=True)]
        x = method.step(x, batch)
        expected = torch.tensor([[float(p)] for p in points], dtype=torch.float64) * direction
        assert torch.allclose(x, expected, atol=1e-12)
        assert all(isinstance(p, Q) for p in points)
