"""Counterexamples on the line: found for false theorems, never for true ones, and honest on replay."""

from dataclasses import replace
from fractions import Fraction as Q
from typing import Any

import pytest

from certify.assumptions.ball_convex import BallConvex
from certify.assumptions.ball_convex_lsc import BallConvexLsc
from certify.assumptions.convex import Convex
from certify.assumptions.lipschitz_convex import LipschitzConvex
from certify.assumptions.smooth import Smooth
from certify.assumptions.smooth_convex import SmoothConvex
from certify.assumptions.smooth_strongly_convex import SmoothStronglyConvex
from certify.language import (
    DISTANCE,
    GAP,
    GRADIENT,
    Assumption,
    Contraction,
    FiniteDecrease,
    Goal,
    Method,
    Monotone,
    Potential,
    Scalar,
    Telescoping,
    norm2,
    theorem,
)
from certify.methods.bpm import BroximalPoint
from certify.methods.gd import GradientDescent
from certify.methods.ppm import ProximalPoint
from certify.methods.subgradient import Subgradient
from certify.simulate import exact
from certify.simulate.claims import Claim
from certify.simulate.counterexample import BrokenDeclaration, Counterexample, Trial, judge
from certify.simulate.line_functions import KINDS, Recipe, shifted, simple
from certify.simulate.membership import MEMBERSHIP, satisfies
from certify.simulate.refute import refute

γ, L, mu = (Scalar.variable(n) for n in ("gamma", "L", "mu"))


class FalseDescent(GradientDescent):
    """Gradient descent with false theorems of several shapes."""

    @theorem(SmoothStronglyConvex, measure=DISTANCE)
    def top_only(self, f: Any, x: Any, y: Any) -> Goal:
        """The contraction (1 − γL)², which holds for long steps only."""
        before, after = norm2(x - f.minimizer), norm2(y - f.minimizer)
        return Contraction(before=before, after=after, rate=(1 - self.step_size * f.L) ** 2)

    @theorem(Smooth, measure=GRADIENT)
    def quarter(self, f: Any, x: Any, y: Any) -> Goal:
        """The descent with γ(1 − γL/4) in place of γ(1 − γL/2)."""
        γ = self.step_size
        return Telescoping(
            quantities=(norm2(f.gradient(x)),),
            weights=(γ * (1 - γ * f.L / 4),),
            before=f.value(x) - f.minimum,
            after=f.value(y) - f.minimum,
        )

    @theorem(Smooth, measure=GRADIENT)
    def gradients_fall(self, f: Any, x: Any, y: Any) -> Goal:
        """True for convex functions only."""
        after = norm2(f.gradient(y))
        return Monotone(before=norm2(f.gradient(x)), after=after, given=(self.step_size <= 1 / f.L,))

    @theorem(SmoothConvex, measure=GAP)
    def bad_support(self, f: Any, x: Any, y: Any) -> Goal:
        """A true step with a false inequality beside it."""
        gap = f.value(x) - f.minimum
        support = ((gap, f.value(y) - f.minimum),)
        return Contraction(before=gap, after=gap, rate=1, support=support)

    @theorem(SmoothConvex, measure=GAP, indexed=True)
    def bad_end(self, f: Any, x: Any, y: Any, *, k: Any, m: Any) -> Goal:
        """A true step with a false start."""
        gap = f.value(x) - f.minimum
        return Potential(
            phi=lambda s, z: f.value(z) - f.minimum,
            x=x,
            y=y,
            clock=k,
            left=m,
            measure=gap,
            initial=gap / 2,
            given=(self.step_size <= 1 / f.L,),
        )


class FalseSubgradient(Subgradient):
    """The subgradient method with half of its error term."""

    @theorem(LipschitzConvex, measure=GAP)
    def half_error(self, f: Any, x: Any, y: Any) -> Goal:
        """The error γ²M²/2 in place of γ²M²."""
        γ = self.step_size
        return Telescoping(
            quantities=(f.value(x) - f.minimum,),
            weights=(2 * γ,),
            before=norm2(x - f.minimizer),
            after=norm2(y - f.minimizer),
            error=γ**2 * f.M**2 / 2,
        )


class FalseBall(BroximalPoint):
    """The broximal point method, said to be twice as fast."""

    @theorem(BallConvex, measure=DISTANCE)
    def twice(self, f: Any, x: Any, y: Any) -> Goal:
        """The decrease 2t² in place of t²."""
        before, after = norm2(x - f.minimizer), norm2(y - f.minimizer)
        return FiniteDecrease(before=before, after=after, amount=2 * self.radius**2)


class FalseProximal(ProximalPoint):
    """The proximal point method, said to contract without strong convexity."""

    @theorem(Convex, measure=DISTANCE)
    def linear(self, f: Any, x: Any, y: Any) -> Goal:
        """Half of the distance is gone in a long step."""
        before, after = norm2(x - f.minimizer), norm2(y - f.minimizer)
        return Contraction(before=before, after=after, rate=1 / (1 + self.step_size), given=(self.step_size >= 1,))


FALSE = [
    (FalseDescent, "top-only"),
    (FalseDescent, "quarter"),
    (FalseDescent, "gradients-fall"),
    (FalseSubgradient, "half-error"),
    (FalseBall, "twice"),
    (FalseProximal, "linear"),
]
TRUE = [
    (method, name)
    for method in (BroximalPoint, Subgradient, ProximalPoint, GradientDescent)
    for name in method.theorems()
    if (method, name) not in {(GradientDescent, "descent"), (GradientDescent, "gap-pl-long")}
]
BREAK = Trial(exact.ball_convexity_needs_continuity(), {"t": Q(1)}, Q(1, 50), Q(-2))


def _claim(method: type[Method], name: str, *assumptions: type[Assumption], **rest: Any) -> Claim:
    statement = method.theorems()[name]
    return Claim(method, assumptions or statement.assumptions, statement, **rest)


def _refuted(claim: Claim, **options: Any) -> Counterexample:
    parts = (claim.method, claim.assumptions, claim.theorem, claim.goals, claim.values)
    found = refute(*parts, **options)
    assert found is not None
    assert found.replay()
    return found


@pytest.fixture(scope="module")
def half_error() -> Counterexample:
    """The smallest counterexample to a false theorem: f(y) = |y|, γ = 1, from 1."""
    return _refuted(_claim(FalseSubgradient, "half-error"))


# --- searching ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("method", "name"), FALSE)
@pytest.mark.parametrize("seed", [0, 1])
def test_false_theorems_are_refuted(method, name, seed):
    claim = _claim(method, name)
    found = _refuted(claim, seconds=20, seed=seed)
    assert found.inequality == "step"
    assert Q(found.lhs) > Q(found.rhs)
    assert Counterexample.from_json(found.to_json(), claim) == found
    assert "which is false" in found.describe()
    assert sum(map(len, found.parameters.values())) < 20  # small numbers


def test_counterexamples_are_simple(half_error):
    assert half_error.describe() == (
        "On f(y) = −y for y < 0; y for y > 0, which satisfies lipschitz-convex, subgradient with "
        "M = 1, γ = 1 goes 1 → 0, x⋆ = 0. Theorem 'half-error' claims (for one step) 2 ≤ 3/2, "
        "which is false."
    )


@pytest.mark.parametrize(("name", "role"), [("bad-support", "support[0]"), ("bad-end", "end[0]")])
def test_what_a_lemma_needs_besides_is_refuted_too(name, role):
    assert _refuted(_claim(FalseDescent, name)).inequality == role


def test_the_distance_law_needs_continuity():
    found = _refuted(_claim(BroximalPoint, "distance", BallConvexLsc), seconds=20)
    function = exact.PiecewiseQuadratic(
        tuple(map(Q, found.breakpoints)),
        tuple(exact.Piece(*map(Q, piece)) for piece in found.pieces),
    )
    assert not function.is_continuous()
    assert refute(BroximalPoint, [BallConvex], BroximalPoint.theorems()["distance"], seconds=2) is None


@pytest.mark.parametrize(("method", "name"), TRUE)
def test_true_theorems_are_not_refuted(method, name):
    claim = _claim(method, name)
    goals = {
        (GradientDescent, "distance"): [
            (((γ * (L + mu) - 2).numerator,), Contraction(before=1, after=1, rate=(1 - γ * L) ** 2)),
            (((2 - γ * (L + mu)).numerator,), Contraction(before=1, after=1, rate=(1 - γ * mu) ** 2)),
        ],
        (ProximalPoint, "distance"): [((), Contraction(before=1, after=1, rate=1 / (1 + γ * mu) ** 2))],
    }
    derived = goals.get((method, name))
    assert refute(method, claim.assumptions, claim.theorem, derived, seconds=0.15) is None


def test_wrong_derived_numbers_are_refuted():
    goals = [((), Contraction(before=1, after=1, rate=1 / (1 + γ * mu) ** 3))]
    _refuted(_claim(ProximalPoint, "distance", goals=goals))


def test_tied_parameters_stay_tied():
    values = {"gamma": 1 / L, "mu": L / 4}
    found = _refuted(_claim(FalseDescent, "top-only", values=values))
    numbers = {n: Q(v) for n, v in found.parameters.items()}
    assert numbers["gamma"] * numbers["L"] == 1
    assert numbers["mu"] * 4 == numbers["L"]


def test_nothing_claimed_and_nothing_decidable_is_not_refuted():
    class Unknown(Assumption):
        """Nobody can decide it."""

        name = "unknown"

    statement = GradientDescent.theorems()["descent"]
    assert refute(GradientDescent, [Unknown], statement, seconds=60) is None
    assert refute(GradientDescent, statement.assumptions, statement, seconds=60) is None


# --- judging ------------------------------------------------------------------------------------


def test_the_known_counterexample_is_judged():
    failure = judge(_claim(BroximalPoint, "distance", BallConvexLsc), BREAK)
    assert failure is not None
    assert failure.role == "step"
    assert failure.points == (Q(1, 50), 0)
    assert failure.lhs == 4 > failure.rhs
    assert judge(_claim(BroximalPoint, "distance", BallConvex), BREAK) is None  # not continuous


@pytest.mark.parametrize(
    "change",
    [
        {"start": Q(-5, 2)},  # the step reaches the minimiser: nothing is claimed
        {"start": Q(3)},  # a full step
        {"minimizer": Q(0)},  # not a minimiser
        {"values": {"t": Q(1, 2)}},  # not ball-convex for this radius
        {"values": {"t": Q(-1)}},  # outside the domain
        {"function": exact.vee(1, 2)},  # not ball-convex for t = 1
    ],
)
def test_trials_outside_a_theorem_do_not_contradict_it(change):
    claim = _claim(BroximalPoint, "distance", BallConvexLsc)
    assert judge(claim, replace(BREAK, **change)) is None


def test_constants_must_hold_and_lie_in_their_domain():
    claim = _claim(FalseDescent, "top-only")
    good = {"L": Q(1), "mu": Q(1, 3), "gamma": Q(1)}
    trial = Trial(exact.quadratic(Q(1, 3)), good, Q(1), Q(0))
    assert judge(claim, trial) is not None
    for wrong in ({"L": Q(1, 4)}, {"mu": Q(1, 2)}, {"mu": Q(1)}, {"gamma": Q(0)}):
        assert judge(claim, replace(trial, values=good | wrong)) is None
    tied = _claim(FalseDescent, "top-only", values={"gamma": 1 / L})
    assert judge(tied, trial) is not None
    assert judge(tied, replace(trial, values=good | {"gamma": Q(1, 2)})) is None


def test_a_declaration_that_fails_on_numbers_is_one_clear_error():
    class Broken(GradientDescent):
        """Gradient descent with a slip of the pen."""

        name = "broken"

        @theorem(Smooth, measure=GRADIENT)
        def slip(self, f: Any, x: Any, y: Any) -> Goal:
            """A word where a number should be."""
            return Monotone(before=norm2(f.gradient(x)) + "1", after=norm2(f.gradient(y)))

    with pytest.raises(BrokenDeclaration, match="broken/slip cannot be run on rational numbers: TypeError"):
        refute(Broken, [Smooth], Broken.theorems()["slip"], seconds=5)


# --- replaying ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        {"start": "2"},
        {"iterates": ("1/2",)},
        {"lhs": "5"},
        {"rhs": "1"},
        {"minimizer": "1"},
        {"minimizer": None},
        {"inequality": "support[0]"},
        {"theorem": "another"},
        {"method": "another"},
        {"assumptions": ("convex",)},
        {"parameters": {"M": "1", "gamma": "1/2"}},
        {"parameters": {"M": "1/2", "gamma": "1"}},
        {"parameters": {"M": "1"}},
        {"parameters": {"M": "1", "gamma": "1e0"}},
        {"parameters": {"M": "1", "gamma": 1}},
        {"parameters": {"M": "1", "gamma": "1/0"}},
        {"parameters": None},
        {"pieces": (("0", "-1", "0"), ("0", "2", "0"))},
        {"pieces": (("0", "-1", "0"), ("1", "1", "0"))},
        {"pieces": (("0", "-1", "0"),)},
        {"pieces": (("0", "-1"), ("0", "1"))},
        {"breakpoints": ("1",)},
    ],
)
def test_tampered_counterexamples_fail_on_replay(half_error, change):
    assert not replace(half_error, **change).replay()


def test_counterexamples_do_not_refute_the_true_theorem(half_error):
    assert not replace(half_error, claim=_claim(Subgradient, "gap")).replay()


# --- functions and classes ----------------------------------------------------------------------


def test_every_assumption_has_its_predicate():
    assert set(MEMBERSHIP) == {
        "ball-convex",
        "ball-convex-lsc",
        "convex",
        "growth-at-radius",
        "lipschitz-convex",
        "pl",
        "sharp-growth",
        "smooth",
        "smooth-convex",
        "smooth-strongly-convex",
        "strongly-convex",
    }


CONSTANTS = {"L": Q(1), "mu": Q(1, 2), "M": Q(1), "s": Q(1)}
CLASSES = [
    (exact.quadratic(1), {"pl", "smooth", "smooth-convex", "smooth-strongly-convex", "strongly-convex"}),
    (exact.quadratic(2), {"strongly-convex"}),
    (exact.huber(1, 1), {"smooth", "smooth-convex", "lipschitz-convex"}),
    (exact.absolute(1), {"lipschitz-convex", "sharp-growth"}),
    (exact.absolute(2), {"sharp-growth"}),
    (exact.absolute(1).plus(a=Q(1, 4)), {"strongly-convex", "sharp-growth"}),
]


@pytest.mark.parametrize(("function", "classes"), CLASSES)
def test_convex_functions_satisfy_what_they_should(function, classes):
    everywhere = {"convex", "ball-convex", "ball-convex-lsc"}
    assert {n for n in MEMBERSHIP if satisfies(function, n, CONSTANTS)} == everywhere | classes


def test_nonconvex_functions_satisfy_what_they_should():
    wavy = exact.smooth((Q(-1), Q(1)), (1, -1, 1))
    assert satisfies(wavy, "smooth", CONSTANTS)
    assert not satisfies(wavy, "convex", CONSTANTS)
    vee, broken = exact.vee(1, 1), exact.ball_convexity_needs_continuity()
    for radius in (Q(1, 2), Q(1)):
        assert satisfies(vee, "ball-convex", {}, [radius]) == (radius >= 1)
        assert satisfies(broken, "ball-convex-lsc", {}, [radius]) == (radius >= 1)
        assert not satisfies(broken, "ball-convex", {}, [radius])
    assert not satisfies(vee, "ball-convex", {})  # without a radius nothing is known
    assert not satisfies(wavy, "ball-convex", {}, [Q(1)])  # undecided counts as no


def test_recipes_build():
    recipes = list(simple(CONSTANTS))
    assert {r.kind for r in recipes} < set(KINDS)
    for recipe in recipes:
        f = recipe.build()
        moved = Recipe(recipe.kind, recipe.numbers, recipe.bend, Q(3), mirrored=True).build()
        plain = Recipe(recipe.kind, recipe.numbers, recipe.bend).build()
        for y in (Q(-2), Q(-1, 3), Q(0), Q(7, 2)):
            assert moved.value(3 - y) == f.value(y) == plain.value(y)
            assert shifted(f, Q(1)).value(y + 1) == f.value(y)
