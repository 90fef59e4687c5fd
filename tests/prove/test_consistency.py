"""Assumptions that contradict each other prove nothing, and those of every theorem here hold together somewhere."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction as Q
from typing import Any

import pytest

from certify.analysis import vacuity
from certify.analysis.bundles import verify
from certify.analysis.catalogue import load_method, method_names
from certify.analysis.results import Formula, TheoremResult, Verdict
from certify.assumptions.convex import Convex
from certify.assumptions.smooth import Smooth
from certify.assumptions.strongly_convex import StronglyConvex
from certify.kernel import Fact, Model, NoModel, Polynomial, Rejected, Statement, check, check_model
from certify.language import (
    DISTANCE,
    GAP,
    Assumption,
    Contraction,
    Method,
    Monotone,
    Positive,
    inner,
    norm2,
    pose,
    theorem,
)
from certify.prove.consistency import NOTHING, SOLVED, consistency, opposite, parameters_exist
from certify.prove.models import find_model
from certify.prove.products import find_proof
from certify.prove.totals import has_layers, prove_totals

THEOREMS = [(m, t) for m in method_names() for t in load_method(m).theorems()]


@pytest.mark.parametrize(("method", "name"), THEOREMS, ids=[f"{m}/{t}" for m, t in THEOREMS])
def test_the_assumptions_of_every_theorem_hold_together(method: str, name: str) -> None:
    kind = load_method(method)
    stated = kind.theorems()[name]
    problem = pose(kind, stated.assumptions, stated)
    found = consistency(problem)
    assert found.contradiction is None
    assert not found.unknown
    if found.model is not None:
        sides = opposite(problem, SOLVED) or opposite(problem, NOTHING)
        assert sides is not None
        check_model(problem.trace.statement(-problem.conclusion(sides), ">"), found.model)
        return
    statement = problem.trace.statement(Polynomial.constant(-1))
    if has_layers(statement):
        assert prove_totals(statement, seconds=2, tried=[]) is None
    else:
        assert find_proof(statement, max_degree=2, max_multiplier=1, seconds=2) is None


# -- declarations with a mistake ---------------------------------------------------------------------------------


class Function(Assumption):
    """A convex function with two constants."""

    differentiable = True
    L = Positive("L")
    mu = Positive("mu")

    def between(self, x: Any, y: Any) -> Any:
        """Strong convexity."""
        return y.value >= x.value + inner(x.gradient, y.point - x.point) + self.mu / 2 * norm2(x.point - y.point)


class Swapped(Function):
    """‖∇f(x)‖ ≤ L‖x − x⋆‖ where μ > L."""

    name = "swapped"

    def domain(self) -> Any:
        """The wrong way round."""
        return (self.mu > self.L,)

    def at(self, x: Any, f: Any) -> Any:
        """The gradient is small."""
        return norm2(x.gradient) <= self.L**2 * norm2(x.point - f.minimizer)


class Upside(Function):
    """f⋆ − f(x) ≥ (μ/2)‖x − x⋆‖²."""

    name = "upside"

    def at(self, x: Any, f: Any) -> Any:
        """A sign error."""
        return f.minimum - x.value >= self.mu / 2 * norm2(x.point - f.minimizer)


class Below(Function):
    """‖∇f(x)‖² ≤ −L."""

    name = "below"

    def at(self, x: Any, f: Any) -> Any:
        """A sign error that no point survives."""
        return norm2(x.gradient) <= -self.L


class TwoMoments(Function):
    """‖∇f(x)‖² ≤ 2L(f(x) − f⋆) and ≥ 5L(f(x) − f⋆)."""

    name = "two-moments"

    def at(self, x: Any, f: Any) -> Any:
        """Growth conditions that only minimisers satisfy."""
        gap = x.value - f.minimum
        return norm2(x.gradient) <= 2 * self.L * gap, norm2(x.gradient) >= 5 * self.L * gap


class Gradient(Method):
    """x⁺ = x − γ∇f(x)."""

    name = "gradient"
    step_size = Positive("gamma")

    def step(self, x: Any, f: Any) -> Any:
        """One step."""
        return x - self.step_size * f.gradient(x)


def gradient(assumption: type[Assumption], conditions: Callable[[Any, Any], tuple[Any, ...]] | None = None) -> Any:
    """A theorem under this assumption, posed: the distance is a tenth after each step."""

    class Declared(Gradient):
        """x⁺ = x − γ∇f(x)."""

        @theorem(assumption, measure=DISTANCE)
        def distance(self, f: Any, x: Any, y: Any) -> Any:
            """‖x⁺ − x⋆‖² ≤ ‖x − x⋆‖²/10."""
            given = () if conditions is None else conditions(self, f)
            before, after = norm2(x - f.minimizer), norm2(y - f.minimizer)
            return Contraction(before=before, after=after, rate=Q(1, 10) + 0 * self.step_size, given=given)

    return pose(Declared, [assumption], Declared.theorems()["distance"])


BAD = {
    "swapped": (lambda: gradient(Swapped), SOLVED),
    "upside": (lambda: gradient(Upside), SOLVED),
    "below": (lambda: gradient(Below), NOTHING),
    "two-moments": (lambda: gradient(TwoMoments), SOLVED),
    "no square": (lambda: gradient(Smooth, lambda m, f: ((m.step_size * f.L) ** 2 + 1 <= m.step_size * f.L,)), NOTHING),
}


@pytest.mark.parametrize("name", BAD)
def test_a_contradiction_is_found_and_certified(name: str) -> None:
    make, kind = BAD[name]
    problem = make()
    found = consistency(problem)
    assert found.kind == kind
    assert found.contradiction is not None
    statement = check(found.contradiction)
    assert statement.conclusion in (Polynomial.constant(-1), -problem.trace.cleared(problem.measured[0]))


@pytest.mark.parametrize("assumption", [Convex, StronglyConvex, Smooth, Function])
def test_a_false_theorem_is_no_contradiction(assumption: type[Assumption]) -> None:
    if not assumption.name:
        assumption = type("Named", (assumption,), {"name": "named"})
    found = consistency(gradient(assumption))
    assert found.model is not None


def test_a_vacuous_theorem_is_told_and_verified(tmp_path: Any) -> None:
    problem = gradient(Swapped)
    found = consistency(problem)
    told = Formula("a", "a")
    result = TheoremResult("x/y/distance", "distance", told, told, Verdict.PROVED, notes=("other",))
    vacuous = vacuity.vacuous(result, problem, found)
    assert vacuous.verdict is Verdict.VACUOUS
    assert vacuous.notes[0].startswith(
        "the assumptions contradict each other: at every start they imply ‖x₀ − x⋆‖² ≤ 0"
    )
    assert vacuous.proof[0].conclusion.text == "−‖x₀−x⋆‖² ≥ 0"
    data: Any = vacuous.certificate
    assert "contradict" in verify(data, kernel_only=True).sentences[0]
    data["certificate"]["conclusion"] = {"1": "-1"}
    data["certificate"]["statement"]["conclusion"] = {"1": "-1"}
    with pytest.raises(ValueError, match="may not have"):
        verify(data, kernel_only=True)


# -- models ------------------------------------------------------------------------------------------------------


def _statement(*facts: tuple[dict[str, int], bool], conclusion: Polynomial | None = None) -> Statement:
    polynomials = [(Polynomial({((n, 1),) if n else (): c for n, c in f.items()}), strict) for f, strict in facts]
    names = frozenset().union(*(p.variables for p, _ in polynomials))
    listed = tuple(Fact(f"f{i}", p, s) for i, (p, s) in enumerate(polynomials))
    return Statement(dict.fromkeys(names, frozenset()), conclusion or Polynomial.constant(1), facts=listed)


def test_what_a_model_must_satisfy() -> None:
    statement = _statement(({"a": 1, "": -1}, False), ({"a": -1, "": 2}, True))
    check_model(statement, Model({"a": Q(1)}))
    with pytest.raises(NoModel, match="f1 does not hold"):
        check_model(statement, Model({"a": Q(2)}))
    with pytest.raises(NoModel, match="f0 does not hold"):
        check_model(statement, Model({"a": Q(1, 2)}))
    with pytest.raises(NoModel, match="gives a no value"):
        check_model(statement, Model({}))
    with pytest.raises(NoModel, match="conclusion"):
        check_model(replace(statement, conclusion=Polynomial.constant(-1)), Model({"a": Q(1)}))
    equation = replace(statement, equations=(Fact("e", Polynomial({(("a", 2),): 1, (): -2})),))
    with pytest.raises(NoModel, match="equation e"):
        check_model(equation, Model({"a": Q(1)}))


def test_inner_products_are_those_of_vectors() -> None:
    named = {"a": frozenset[str](), "b": frozenset[str]()}
    product = Polynomial.variable("<a,b>")
    statement = Statement({}, product, ">", named)
    check_model(statement, Model({}, {"a": (Q(1), Q(2)), "b": (Q(3), Q(-1))}))
    with pytest.raises(NoModel):
        check_model(statement, Model({}, {"a": (Q(1), Q(2)), "b": (Q(2), Q(-1))}))
    squares = replace(statement, conclusion=-Polynomial.variable("<a,a>"), relation=">")
    assert find_model(squares, seconds=0.2) is False


def test_numbers_that_do_not_exist_are_not_found() -> None:
    empty = _statement(({"a": 1}, True), ({"a": -1}, False))
    assert find_model(empty, seconds=0.2) is False
    assert parameters_exist(empty).kind == NOTHING
    some = _statement(({"a": 1}, True), ({"a": -1, "b": 1}, True))
    assert isinstance(find_model(some), Model)
    assert parameters_exist(some).model is not None


def test_a_root_without_rational_value_is_near() -> None:
    root = replace(_statement(({"a": 1}, True)), equations=(Fact("e", Polynomial({(("a", 2),): 1, (): -2})),))
    assert find_model(root) is True


class Monotonous(Gradient):
    """x⁺ = x − γ∇f(x), with a theorem about functions that grow backwards."""

    name = "monotonous"

    @theorem(Upside, measure=GAP)
    def gap(self, f: Any, x: Any, y: Any) -> Any:
        """f(x⁺) ≤ f(x)."""
        return Monotone(before=f.value(x) - f.minimum, after=f.value(y) - f.minimum)


def test_what_is_verified_is_the_theorem_that_is_named() -> None:
    problem = pose(Monotonous, [Upside], Monotonous.theorems()["gap"])
    found = consistency(problem)
    other = consistency(gradient(Swapped))
    assert found.contradiction is not None
    assert other.contradiction is not None
    sides = opposite(problem, found.kind)
    assert sides is not None
    vacuity.require_same(found.contradiction.statement, problem.statement("step", sides), "contradiction")
    with pytest.raises(Rejected):
        vacuity.require_same(other.contradiction.statement, problem.statement("step", sides), "contradiction")
