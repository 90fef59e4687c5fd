"""Facial reduction: what must vanish goes before a solver sees it, and multipliers find their way back."""

from fractions import Fraction as Q

import numpy as np
import pytest
from flint import fmpq

from certify.assumptions.convex import Convex
from certify.assumptions.smooth_convex import SmoothConvex
from certify.kernel.worst_case import UpperBound, check_upper
from certify.pep import Model, equal, norm, norm2
from certify.pep.engine.balance import balance
from certify.pep.engine.conic import conic
from certify.pep.engine.exposed import exposed
from certify.pep.engine.invariance import invisible
from certify.pep.engine.problem import ONE, Problem, Row, as_fraction, to_kernel
from certify.pep.engine.program import program, to_multipliers
from certify.pep.engine.pushed import solve_inside
from certify.pep.engine.semidefinite import is_semidefinite
from certify.pep.engine.sieve import sieve
from certify.pep.engine.sieved import Sieved
from certify.pep.engine.upper import Rounded, round_dual


def reduced(problem: Problem) -> Sieved:
    return sieve(program(problem, *invisible(problem)))


def bound(problem: Problem, sieved: Sieved) -> Q:
    """The bound that the kernel accepts for the problem itself."""
    data = conic(sieved.program)
    found = round_dual(sieved.program, solve_inside(sieved.program, data), data=data)
    assert isinstance(found, Rounded)
    y = sieved.lift(found.y)
    assert y is not None
    assert not any(sieved.original.defects(y))
    assert sieved.original.cost(y) == found.bound
    inequalities, equations, matrices = to_multipliers(sieved.original, [as_fraction(v) for v in y])
    matrix_multipliers = {name: tuple(map(tuple, rows)) for name, rows in matrices.items()}
    certificate = UpperBound(to_kernel(problem), as_fraction(found.bound), inequalities, equations, matrix_multipliers)
    check_upper(certificate)
    return certificate.bound


def smooth(n: int, *, start: str = "gap", linked: bool = False) -> Problem:
    """Gradient descent; from a bounded gap nothing bounds x0, so that its row vanishes."""
    model = Model()
    f = model.function(SmoothConvex(L=1))
    x = x0 = model.point("x0")
    model.suppose(f(x0) - f.minimum <= 1 if start == "gap" else norm(x0 - f.minimizer) <= 1)
    for _ in range(n):
        following = x - f.gradient(x)
        if linked:
            x = model.point()
            model.suppose(equal(x, following))
        else:
            x = following
    f.gradient(x)
    model.maximise(norm2(f.gradient(x)) if start == "gap" else f(x) - f.minimum)
    return model.problem()


def test_nothing_is_done_where_nothing_is_to_be_done():
    sieved = reduced(smooth(3, start="distance"))
    assert sieved.program is sieved.original
    assert sieved.faithful
    assert sieved.lift([ONE] * len(sieved.kept)) == [ONE] * len(sieved.kept)


@pytest.mark.parametrize("n", [1, 2, 5])
def test_rows_with_a_vanishing_diagonal_become_equations(n):
    problem = smooth(n)
    sieved = reduced(problem)
    assert sum(sieved.program.sizes) < sum(sieved.original.sizes)
    assert not sieved.faithful
    rate = Q(2, 2 * n + 1)
    assert rate <= bound(problem, sieved) <= rate * (1 + Q(1, 10**6))


@pytest.mark.parametrize("n", [1, 2, 4])
def test_equal_points_are_eliminated_and_their_multipliers_found(n):
    problem = smooth(n, start="distance", linked=True)
    sieved = reduced(problem)
    assert len(sieved.vanished) == len(sieved.substitutions) == n
    rate = Q(1, 4 * n + 2)
    assert rate <= bound(problem, sieved) <= rate * (1 + Q(1, 10**6))


def test_an_inequality_that_forces_equality_does_the_same():
    model = Model()
    f = model.function(SmoothConvex(L=1))
    x0, x1 = model.point("x0"), model.point("x1")
    model.suppose(norm(x0 - f.minimizer) <= 1, norm2(x1 - x0 + f.gradient(x0)) <= 0)
    f.gradient(x1)
    model.maximise(f(x1) - f.minimum)
    problem = model.problem()
    sieved = reduced(problem)
    assert len(sieved.vanished) == 1
    assert Q(1, 6) <= bound(problem, sieved) <= Q(1, 6) * (1 + Q(1, 10**6))


def test_a_linear_function_may_move_from_one_term_to_another():
    model = Model()
    f, g = model.function(SmoothConvex(L=1), name="f"), model.function(Convex(), name="g")
    total, x0 = f + g, model.point("x0")
    model.suppose(norm(x0 - total.minimizer) <= 1)
    x = g.prox(x0 - f.gradient(x0), 1)
    f.gradient(x)
    model.maximise(total(x) - total.minimum)
    problem = model.problem()
    sieved = reduced(problem)
    assert sieved.faithful
    assert sum(sieved.program.sizes) < sum(sieved.original.sizes)
    assert Q(1, 4) <= bound(problem, sieved) <= Q(1, 4) * (1 + Q(1, 10**6))


def test_unbounded_and_infeasible_problems_are_recognised():
    unbounded = Problem(("x",), (), {(0, 0): ONE})
    assert reduced(unbounded).status == "infeasible"  # the dual
    impossible = Problem(("x",), (), {(0, 0): -ONE}, inequalities=(Row("never", {(): -ONE}),))
    found = reduced(impossible)
    assert found.status == "unbounded"
    assert "never" in found.contradiction


def test_contradicting_equations_are_recognised():
    """Maximise f with f = g and g = f only: nothing bounds it."""
    problem = Problem(
        (), ("f", "g"), {(0,): ONE}, equations=(Row("a", {(0,): ONE, (1,): -ONE}), Row("b", {(0,): -ONE, (1,): ONE}))
    )
    assert sieve(program(problem)).contradiction


def test_an_interior_shows_no_face():
    sieved = reduced(smooth(2, start="distance"))
    assert exposed(sieved.program, conic(sieved.program)) is None


def test_rescaling_changes_units_only():
    model = Model()
    f = model.function(SmoothConvex(L=10**6))
    x = x0 = model.point("x0")
    model.suppose(norm(x0 - f.minimizer) <= Q(1, 1000))
    for _ in range(3):
        x = x - Q(1, 10**6) * f.gradient(x)
    model.maximise(f(x) - f.minimum)
    sieved = reduced(model.problem())
    data = conic(sieved.program)
    balanced = balance(sieved.program, data)
    assert balanced is not None
    y = [fmpq(k + 1, 7) for k in range(len(data.q))]
    lifted = balanced.lift(y)
    assert sieved.program.cost(lifted) == balanced.program.cost(y) * fmpq(2) ** balanced.unit
    answer = solve_inside(sieved.program, data)
    assert answer.value == pytest.approx(1 / 14, rel=1e-6)
    assert answer.x is not None
    assert answer.z is not None
    assert np.abs(data.q + data.A.T @ answer.z).max() < 1e-6 * np.abs(answer.z).max()
    assert Q(1, 14) <= bound(model.problem(), sieved) <= Q(1, 14) * (1 + Q(1, 10**6))


@pytest.mark.parametrize("size", [3, 8, 30])
@pytest.mark.parametrize("shift", [fmpq(0), fmpq(1, 10**12), fmpq(-1, 10**12), fmpq(1), fmpq(-1)])
def test_semidefiniteness_is_decided_exactly(size, shift):
    """A Gram matrix of rank size − 1, shifted by a multiple of the identity."""
    numbers = np.random.default_rng(size).integers(-3, 4, size=(size, size - 1))
    gram = numbers @ numbers.T
    scale = [fmpq(10) ** (i % 5) for i in range(size)]
    entries = {
        (i, j): (fmpq(int(gram[i, j])) + (shift if i == j else 0)) * scale[i] * scale[j]
        for i in range(size)
        for j in range(i, size)
    }
    assert is_semidefinite(entries, size) == (shift >= 0)


def test_a_face_that_only_a_solver_shows():
    """Maximise ‖u − v‖² ≤ 1 with ⟨u − v, u + v⟩ ≥ 0: nothing bounds u + v, so that the dual has no interior."""
    square = {(0, 0): ONE, (0, 1): fmpq(-2), (1, 1): ONE}
    problem = Problem(
        vectors=("u", "v"),
        values=(),
        objective=square,
        inequalities=(
            Row("length", {(): ONE} | {key: -c for key, c in square.items()}),
            Row("sign", {(0, 0): ONE, (1, 1): -ONE}),
        ),
    )
    sieved = sieve(program(problem))
    face = exposed(sieved.program, conic(sieved.program))
    assert face is not None
    assert any(a[0] == a[1] for kernel in face.kernels for a in kernel)
    assert sum(sieve(sieved.program, face).program.sizes) == 1
    assert Q(1) <= bound(problem, sieved) <= 1 + Q(1, 10**6)
