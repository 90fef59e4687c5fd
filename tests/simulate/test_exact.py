"""Exact functions on the line: oracles against rational grids, membership against definitions.

A grid can only refute: a "no" of the ball-convexity test is confirmed by its witness, a "yes" by
finding nothing on the grid.
"""

from fractions import Fraction as Q
from itertools import pairwise
from math import inf, isqrt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from certify.simulate import exact
from certify.simulate.exact import Piece, PiecewiseQuadratic

TINY = Q(1, 10**9)
GRID = [Q(i, 4) for i in range(-48, 49)]

small = st.fractions(-4, 4, max_denominator=4)
positive = st.fractions(Q(1, 4), 4, max_denominator=4)
radii = st.sampled_from([Q(1, 2), Q(1), Q(3, 2), Q(2), Q(3)])
lines = st.lists(st.tuples(small, small), min_size=1, max_size=5)
convex = st.builds(lambda k, a: exact.maximum_of_slopes(k).plus(a=a), lines, st.just(0) | positive)


def forall(*strategies, examples=80):
    """`given` without a time limit for one example."""
    return lambda test: settings(deadline=None, max_examples=examples)(given(*strategies)(test))


@st.composite
def functions(draw, ends=positive):
    """Lower semicontinuous, usually nonconvex with jumps; bounded below if `ends` is positive."""
    cuts = draw(st.lists(small, unique=True, max_size=4).map(sorted))
    curvatures = [draw(ends), *(draw(small) for _ in cuts[1:]), *(draw(ends) for _ in cuts[:1])]
    pieces = tuple(Piece(a, draw(small), draw(small)) for a in curvatures)
    return PiecewiseQuadratic(tuple(cuts), pieces)


@st.composite
def linear_pieces(draw):
    """Piecewise linear with small integer data, with or without jumps, mostly growing outwards."""
    cuts = draw(st.lists(st.integers(-2, 2), unique=True, min_size=1, max_size=4).map(sorted))
    left, right = draw(st.integers(-4, 0)), draw(st.integers(0, 4))
    if draw(st.booleans()):
        heights = [draw(st.sampled_from([0, 0, 0, 1, 2])) for _ in cuts]
        return exact.piecewise_linear(list(zip(cuts, heights, strict=True)), left, right)
    slopes = [left, *(draw(st.integers(-3, 3)) for _ in cuts[1:]), right]
    pieces = tuple(Piece(Q(0), Q(k), Q(draw(st.integers(-3, 3)))) for k in slopes)
    return PiecewiseQuadratic(tuple(Q(b) for b in cuts), pieces)


@st.composite
def curved(draw):
    """Breakpoints and curvatures for `smooth`, usually nonconvex."""
    cuts = draw(st.lists(small, unique=True, max_size=3).map(sorted))
    return cuts, [draw(small) for _ in range(len(cuts) + 1)]


def switches(predicate, good, bad):
    """Whether the predicate accepts the first constant and rejects the second."""
    return predicate(good) and not predicate(bad)


def around(f, *points):
    """The grid, the breakpoints, and points close to `points`."""
    return {*GRID, *f.breakpoints, *(x + d for x in points for d in (0, TINY, -TINY, 1, -1))}


@forall(functions(), small, positive)
def test_prox_and_minimizer_are_global(f, x, gamma):
    def model(z):
        return f(z) + (z - x) ** 2 / (2 * gamma)

    u, best = f.prox(x, gamma), f.minimizer(near=x)
    assert isinstance(u, Q)
    assert f(best) == f.minimum()
    assert all(model(u) <= model(z) and f(best) <= f(z) for z in around(f, u, x, best))


@forall(functions(ends=small), small, radii)
def test_brox_minimises_over_the_ball_and_supports_everywhere(f, x, t):
    bottom, sets = f.argmin(x - t, x + t)
    points = [end for interval in sets for end in interval]
    assert all(f(u) == bottom and abs(u - x) <= t for u in points)
    assert all(bottom <= f(z) for z in around(f, x, x - t, x + t) if abs(z - x) <= t)
    try:
        u, g = f.brox(x, t)
    except exact.NoSupportingSlope:
        assert not f.is_convex()
        return
    assert any(low <= u <= high for low, high in sets)
    assert all(abs(u - x) <= abs(z - x) for z in points)
    assert g * (x - u) >= 0
    assert f.supports(u, g)
    assert all(f(y) >= f(u) + g * (y - u) for y in around(f, u, x))
    assert (g == 0) == (f.argmin()[0] == bottom)


@forall(convex, small, radii, positive)
def test_oracles_of_convex_functions_satisfy_their_optimality_conditions(f, x, t, gamma):
    u, g = f.brox(x, t)
    assert f.supports(u, g)
    assert g == 0 or abs(x - u) == t
    assert f.supports(x, f.subgradient(x))
    assert abs(g) <= abs(f.subgradient(x))
    z = f.prox(x, gamma)
    assert f.supports(z, (x - z) / gamma)


@pytest.mark.parametrize("surplus", [-1, 1])
def test_irrational_slope_bounds_are_decided(surplus):
    # the slopes that support f at 0 are [b - 2√3, 2√2], and b - 2√3 - 2√2 is about ±5e-30
    scale = 10**30
    b = Q(isqrt(12 * scale**2) + isqrt(8 * scale**2) + 5 * surplus, scale)
    walls = Piece(Q(0), Q(-10), Q(0)), Piece(Q(0), Q(10), Q(0))
    pieces = Piece(Q(1), b, Q(3)), *walls, Piece(Q(1), Q(0), Q(2))
    f = PiecewiseQuadratic((Q(-1), Q(0), Q(1)), pieces)
    if surplus > 0:
        with pytest.raises(exact.NoSupportingSlope):
            f.supporting_slope(1, 0)
    else:
        assert f.supports(0, f.supporting_slope(1, 0))


def test_updates_run_on_fractions():
    # the heavy-ball cycle of Lessard, Recht and Packard (2016)
    f = exact.smooth([1, 2], [25, 1, 25])
    previous, x = Q(2592, 1225), Q(792, 1225)
    visited = []
    for _ in range(3):
        previous, x = x, x - Q(1, 9) * f.gradient(x) + Q(4, 9) * (x - previous)
        visited.append(x)
    assert visited == [Q(-2208, 1225), Q(2592, 1225), Q(792, 1225)]
    assert switches(f.is_strongly_convex, 1, 1 + TINY)


@forall(positive, small)
def test_quadratic(a, center):
    f = exact.quadratic(a, center)
    assert f.minimizer() == center
    assert switches(f.is_strongly_convex, a, a + TINY)
    assert switches(f.is_pl, a, a + TINY)
    assert switches(f.is_smooth, a, a - TINY)
    assert not f.is_lipschitz(10**9)


@forall(positive, small)
def test_absolute(M, center):
    f = exact.absolute(M, center)
    assert switches(f.is_strongly_convex, 0, TINY)
    assert switches(f.is_lipschitz, M, M - TINY)
    assert not f.is_smooth(10**9)
    assert not f.is_pl(TINY)
    assert (f.subgradient(center), f.subdifferential(center)) == (0, (-M, M))


@forall(positive, positive, small)
def test_huber(L, delta, center):
    f = exact.huber(L, delta, center)
    assert switches(f.is_strongly_convex, 0, TINY)
    assert switches(f.is_smooth, L, L - TINY)
    assert switches(f.is_lipschitz, L * delta, L * delta - TINY)
    assert not f.is_pl(TINY)
    torn = PiecewiseQuadratic((f.breakpoints[0] + TINY, f.breakpoints[1]), f.pieces)
    assert not any([torn.is_continuous(), torn.is_smooth(10**9), torn.is_lipschitz(10**9)])


@forall(curved(), positive)
def test_smooth_functions_by_their_curvature(data, mu):
    f, (_, bends) = exact.smooth(*data), data
    assert (f(0), f.gradient(0)) == (0, 0)
    steepest, flattest = max(map(abs, bends)), min(bends)
    assert f.is_smooth(steepest)
    assert steepest == 0 or not f.is_smooth(steepest - TINY)
    assert f.is_convex() == (flattest >= 0)
    if flattest >= 0:
        assert switches(f.is_strongly_convex, flattest, flattest + TINY)
        assert f.is_pl(flattest)
    if f.is_pl(mu / 4):
        bottom = f.minimum()
        assert all(f.gradient(x) ** 2 >= mu / 2 * (f(x) - bottom) for x in around(f))


def test_pl_without_convexity():
    f = exact.smooth([-2, -1, 1, 2], [1, Q(-1, 2), 1, Q(-1, 2), 1])
    assert not f.is_convex()
    assert switches(f.is_pl, Q(1, 10), Q(1, 10) + TINY)  # at ±2, where f' = ±1/2 and f = 5/4


@forall(lines, small)
def test_maximum_of_slopes(pairs, x):
    f = exact.maximum_of_slopes(pairs)
    assert f(x) == max(k * x + c for k, c in pairs)
    assert f.is_convex()
    assert f.is_lipschitz(max(abs(k) for k, _ in pairs))


@forall(functions(ends=small) | linear_pieces())
def test_convexity_is_local(f):
    inside = [Q(a + b) / 2 for a, b in pairwise((-99, *f.breakpoints, 99))]
    points = [*inside, *(b + d for b in f.breakpoints for d in (-TINY, 0, TINY))]
    assert f.is_convex() == all(2 * f(x) <= f(x - TINY) + f(x + TINY) for x in points)


def slopes_on_the_grid(f, u, grid):
    """Bounds on the slopes g with f(y) ≥ f(u) + g (y − u) for all y in the grid."""
    chords = [(y, (f(y) - f(u)) / (y - u)) for y in grid if y != u]
    return max(g for y, g in chords if y < u), min(g for y, g in chords if y > u)


def has_slope(bounds, x, u):
    """Whether the bounds leave a slope c (x − u), c ≥ 0."""
    low, high = bounds
    return max(low, 0 if x >= u else low) <= min(high, 0 if x <= u else high)


@forall(linear_pieces(), radii, examples=50)
def test_ball_convexity_agrees_with_brute_force(f, t):
    witness = f.ball_convexity_witness(t)
    if witness is not None:
        x, u = witness
        assert abs(u - x) <= t
        assert all(f(u) <= f(z) for z in around(f, u, x, x - t, x + t) if abs(z - x) <= t)
        grid = {*around(f, u, x), Q(10**9), Q(-(10**9))}
        assert not has_slope(slopes_on_the_grid(f, u, grid), x, u)
        return
    values = {Q(i, 4): f(Q(i, 4)) for i in range(-36, 37)}
    bounds = {}
    for x in (Q(i, 4) for i in range(-22, 23)):
        ball = [z for z in values if abs(z - x) <= t]
        bottom = min(values[z] for z in ball)
        for u in (z for z in ball if values[z] == bottom):
            bounds[u] = bounds.get(u) or slopes_on_the_grid(f, u, GRID)
            assert has_slope(bounds[u], x, u)


@forall(linear_pieces(), radii, small)
def test_ball_convex_functions_have_a_step_everywhere(f, t, x):
    if f.is_ball_convex(t):
        u, g = f.brox(x, t)
        assert f.supports(u, g)
        if g != 0 and f.is_continuous() and f.argmin()[0] != -inf:
            best = f.minimizer(near=x)
            assert (u - best) ** 2 <= (x - best) ** 2 - t**2


@forall(positive, positive, positive)
def test_vee_is_ball_convex_exactly_from_its_half_width(M, a, t):
    f = exact.vee(M, a)
    assert f.is_ball_convex(t) == (t >= a)
    assert switches(f.is_ball_convex, a, a - TINY)
    assert not f.is_convex()


def test_ball_convexity_alone_does_not_give_the_distance_law():
    f, x, t = exact.ball_convexity_needs_continuity(), Q(1, 50), Q(1)
    assert [f(y) for y in (-3, -2, Q(-99, 100), 0, 1)] == [-1, -5, -3, 0, 4]
    assert switches(f.is_ball_convex, t, Q(98, 100))
    assert not f.is_continuous()
    u, g = f.brox(x, t)
    best = f.minimizer()
    assert (u, best, g > 0) == (0, -2, True)
    assert f.supports(u, g)
    assert (x - best) ** 2 - (u - best) ** 2 == Q(804, 10**4) < t**2


def test_ball_convexity_is_decided_or_refused():
    # for x in (2, 7/3) the step is x - 2 in (0, 1/3), where the slope 3 overshoots f(1) = 1
    pieces = Piece(Q(0), Q(0), Q(-2)), Piece(Q(0), Q(3), Q(0)), Piece(Q(0), Q(4), Q(-3))
    assert not PiecewiseQuadratic((Q(0), Q(1)), pieces).is_ball_convex(2)
    without_minimiser = exact.maximum_of_slopes([(1, 0), (2, -1)])
    assert without_minimiser.is_ball_convex(1)
    assert exact.huber().plus(a=1).is_ball_convex(1)
    with pytest.raises(exact.Undecided, match="piecewise linear"):
        exact.smooth([1], [1, -1]).is_ball_convex(1)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: PiecewiseQuadratic((Q(1), Q(0)), ()), ValueError, "increase"),
        (lambda: exact.piecewise_linear([(1, 0), (1, 0)], 0, 1), ValueError, "increasing"),
        (lambda: exact.absolute().value(0.5), TypeError, "x must be"),  # ty: ignore[invalid-argument-type]
        (lambda: exact.absolute().gradient(0), ValueError, "not differentiable at 0"),
        (lambda: exact.vee().subgradient(0), ValueError, "concave kink"),
        (lambda: exact.absolute().prox(1, 0), ValueError, "gamma must be > 0"),
        (lambda: exact.quadratic(-1).prox(1, 2), ValueError, "too large"),
        (lambda: exact.quadratic(-1).minimizer(), ValueError, "unbounded below"),
        (lambda: exact.vee().brox(0, Q(1, 2)), exact.NoSupportingSlope, "no slope"),
    ],
)
def test_errors_name_the_argument(call, error, message):
    with pytest.raises(error, match=message):
        call()
