"""The plane in ℓ∞ and ℓ1, exactly: the ball-prox, and what breaks in these norms."""

from fractions import Fraction as Q
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from certify.assumptions.convex import Convex
from certify.assumptions.smooth_convex import SmoothConvex
from certify.assumptions.strongly_convex import StronglyConvex
from certify.geometry import NORMS, named
from certify.methods.bpm import BroximalPoint
from certify.simulate.claims import Claim
from certify.simulate.plane import Plane, PlaneQuadratic, planar
from certify.simulate.plane_counterexample import PlaneCounterexample, PlaneTrial, judge, judge_run
from certify.simulate.plane_refute import refute_in_plane

THEOREMS = BroximalPoint.theorems()
BREAKS = ["distance", "distance-monotone", "distance-step", "gap", "gap-next"]
SURVIVES = ["gap-any-norm", "gap-next-any-norm", "subgradient", "subgradient-start"]
numbers = st.fractions(-4, 4, max_denominator=6)
quick = settings(derandomize=True, max_examples=60, deadline=None, database=None)


def family(p, ridge, ball="linf"):
    """½(px − y)² + ½ ridge (x² + y²)."""
    return PlaneQuadratic(Plane(ball), Q(p) ** 2 + ridge, -Q(p), 1 + ridge)


@quick
@given(
    ball=st.sampled_from(["linf", "l1"]), p=numbers, q=numbers, z=st.tuples(numbers, numbers),
    t=st.fractions(Q(1, 10), 5, max_denominator=10), s=st.fractions(-1, 1, max_denominator=8), side=st.integers(0, 3),
)  # fmt: skip
def test_the_ball_prox_is_optimal(ball, p, q, z, t, s, side):
    f = PlaneQuadratic(Plane(ball), p * p + Q(1, 7), p * q, q * q + Q(1, 7))
    centre = f.space.vector(*z)
    u, g = f.brox(centre, t)
    assert f.space.norm(u - centre) <= t
    if g != 0:
        assert f.space.inner(g, centre - u) == t * f.space.norm(g)
    # no point of the sphere is better
    edge = [(s, 1), (s, -1), (1, s), (-1, s)][side]
    if ball == "l1":
        edge = ((edge[0] + edge[1]) / Q(2), (edge[0] - edge[1]) / Q(2))
    direction = f.space.vector(*edge)
    assert f.space.norm(direction) == 1
    assert f.value(centre + direction * t) >= f.value(u)


def test_strong_convexity_is_measured_in_the_norm():
    box, diamond = (PlaneQuadratic(Plane(b), Q(1), Q(0), Q(1)) for b in ("linf", "l1"))
    assert box.is_strongly_convex(Q(1))
    assert not box.is_strongly_convex(Q(101, 100))
    assert diamond.is_strongly_convex(Q(1, 2))
    assert not diamond.is_strongly_convex(Q(51, 100))
    with pytest.raises(ValueError, match="positive definite"):
        PlaneQuadratic(Plane("l1"), Q(1), Q(1), Q(1))


def test_a_known_step_away_from_the_minimizer():
    f = family(3, Q(1, 10))
    start = f.space.vector(1, 1)
    u, g = f.brox(start, Q(3, 10))
    assert (u.x, u.y) == (Q(7, 10), Q(13, 10))
    assert (g.x, g.y) == (Q(247, 100), Q(-67, 100))
    assert (f.value(start), f.value(u)) == (Q(21, 10), Q(429, 1000))
    trial = PlaneTrial(f, {"t": Q(3, 10)}, start)
    claims = {n: Claim(BroximalPoint, (Convex,), THEOREMS[n]) for n in (*BREAKS, *SURVIVES)}
    assert judge(claims["distance-monotone"], trial).lhs == Q(169, 100)
    assert judge(claims["gap"], trial).role == "support[0]"
    assert judge(claims["distance"], trial).role == "step"
    assert all(judge(claims[n], trial) is None for n in SURVIVES)


def test_a_known_run_that_is_too_long():
    f = family(39, Q(1, 1000))
    trial = PlaneTrial(f, {"t": Q(19, 20)}, f.space.vector(1, 1))
    failure = judge_run(Claim(BroximalPoint, (Convex,), THEOREMS["distance"]), trial)
    assert (failure.lhs, failure.rhs) == (4, 2)
    assert [round(float(z.y), 3) for z in failure.points] == [1, 1.948, 0.998, 0.048, 0]


@pytest.mark.parametrize("norm", ["linf", "l1", "spectral"])
@pytest.mark.parametrize("name", BREAKS)
def test_what_breaks_is_found_and_replayed(norm, name):
    found = refute_in_plane(BroximalPoint, (Convex,), THEOREMS[name], norm, seconds=20)
    assert found is not None
    assert found.replay()
    assert (found.run is not None) == (name == "distance")
    text = found.describe()
    assert "which is false" in text
    assert norm in text
    data = found.to_json()
    assert PlaneCounterexample.from_json(data, found.claim) == found
    for change in ({"lhs": "0"}, {"matrix": ["1", "0", "1"]}, {"norm": "l2"}, {"start": ["x", "0"]}, {"norm": "nope"}):
        assert not PlaneCounterexample.from_json(data | change, found.claim).replay()
    if found.run is not None:
        wrong = data | {"run": data["run"] | {"rhs": "1"}}
        assert not PlaneCounterexample.from_json(wrong, found.claim).replay()


@pytest.mark.parametrize("name", SURVIVES)
def test_what_survives_is_not_refuted(name):
    for norm in ("linf", "l1"):
        assert refute_in_plane(BroximalPoint, (Convex,), THEOREMS[name], norm, seconds=0.3) is None
    strong = THEOREMS["subgradient-decrease"]
    assert refute_in_plane(BroximalPoint, (StronglyConvex,), strong, "linf", seconds=0.5) is None


def test_nothing_is_searched_without_an_exact_ball_or_class():
    assert refute_in_plane(BroximalPoint, (Convex,), THEOREMS["distance"], "lp:3", seconds=5) is None
    assert refute_in_plane(BroximalPoint, (SmoothConvex,), THEOREMS["distance"], "linf", seconds=5) is None
    balls = {n: planar(named(n)) for n in NORMS}
    assert [n for n, b in balls.items() if b == "linf"] == ["linf", "spectral", "max-column", "max-row", "max-entry"]
    assert [n for n, b in balls.items() if b == "l1"] == ["l1", "nuclear"]


def test_dropping_entries_off_the_diagonal_never_increases_a_planar_norm():
    torch = pytest.importorskip("torch")
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(200, 2, 2, dtype=torch.float64, generator=generator)
    diagonal = torch.diag_embed(x.diagonal(dim1=1, dim2=2))
    for name, norm in NORMS.items():
        if planar(norm) and not name.startswith("l"):
            assert (norm.value(diagonal) <= norm.value(x) * (1 + 1e-12)).all()
            order = {"linf": float("inf"), "l1": 1}[planar(norm)]
            flat = torch.linalg.vector_norm(x.diagonal(dim1=1, dim2=2), ord=order, dim=1)
            torch.testing.assert_close(norm.value(diagonal), flat)


def test_vectors():
    space = Plane("linf")
    x, g = space.vector(3, -4), space.vector(1, 2, dual=True)
    assert (space.norm(x), space.norm(g), space.inner(g, x)) == (4, 3, -5)
    assert x / 2 + x / 2 == x
    for wrong in (lambda: x + g, lambda: space.inner(x, x)):
        with pytest.raises(TypeError):
            wrong()
    assert all((a != 0) == bool(a.x or a.y) for a in (space.vector(i, j) for i, j in product((0, 1), repeat=2)))
