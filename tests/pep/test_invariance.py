"""What a problem cannot see: hidden directions are found, and nothing that one form alone sees is divided out."""

from fractions import Fraction as Q

from flint import fmpq, fmpq_mat
from hypothesis import given
from hypothesis import strategies as st

from certify.assumptions.smooth_convex import SmoothConvex
from certify.pep import Model, norm2
from certify.pep.engine.conic import conic
from certify.pep.engine.invariance import invisible
from certify.pep.engine.problem import Problem, Row
from certify.pep.engine.program import program
from certify.pep.engine.pushed import clearly_inside

SMALL = st.integers(-3, 3)
RATIONAL = st.builds(fmpq, st.integers(-(10**20), 10**20), st.integers(1, 10**20))


def posed(size: int, forms: list[dict], values: int = 0) -> Problem:
    """A problem with these forms as inequalities."""
    rows = tuple(Row(f"h{k}", {key: fmpq(c) for key, c in form.items() if c}) for k, form in enumerate(forms))
    names = tuple(f"f{k}" for k in range(values))
    return Problem(tuple(f"v{k}" for k in range(size)), names, {(0, 0): fmpq(1)} if not forms else rows[0].terms, rows)


def gradient_descent(steps: int) -> Model:
    model = Model()
    f = model.function(SmoothConvex(L=1))
    x = model.point("x0")
    model.suppose(norm2(x - f.minimizer) <= 1)
    for _ in range(steps):
        x = x - f.gradient(x)
    model.maximise(f(x) - f.minimum)
    return model


def test_a_minimiser_and_its_value_may_be_zero():
    vectors, values = invisible(gradient_descent(3).problem())
    assert len(vectors) == len(values) == 1


@given(st.lists(RATIONAL, min_size=4, max_size=4), st.lists(st.lists(SMALL, min_size=6, max_size=6), min_size=6))
def test_a_hidden_direction_is_found(direction, coefficients):
    """All forms are combinations of products of functionals that vanish in one direction d."""
    d = [fmpq(1), *direction]
    functionals = [[-d[k] if i == 0 else fmpq(i == k) for i in range(5)] for k in range(1, 5)]
    forms = []
    for line in coefficients:
        u, v = (
            [sum((c * g[i] for c, g in zip(part, functionals, strict=False)), fmpq(0)) for i in range(5)]
            for part in (line[:4], line[2:])
        )
        forms.append({(i, j): u[i] * v[j] + (u[j] * v[i] if i != j else 0) for i in range(5) for j in range(i, 5)})
    forms = [form for form in forms if any(form.values())]
    found, _ = invisible(posed(5, forms))
    stacked = [
        [form.get((min(i, j), max(i, j)), fmpq(0)) * (2 if i == j else 1) for j in range(5)]
        for form in forms
        for i in range(5)
    ]
    used = {i for form in forms for key, c in form.items() if c for i in key}
    hidden = 5 - (fmpq_mat(stacked).rank() if stacked else 0)
    assert len(found) <= hidden - (5 - len(used))
    assert found or not forms or len(used) < 5


def test_what_only_a_combination_does_not_see_is_kept():
    """⟨aᵢ, b⟩ for three aᵢ: every combination has a null direction in span(a), and no direction is one of all forms."""
    forms = [{(0, 3): 1}, {(1, 3): 1}, {(2, 3): 1}, {(3, 3): 1}]
    assert invisible(posed(4, forms)) == ((), ())


def test_one_small_number_is_enough_to_be_seen():
    square = {(0, 0): 1, (0, 1): -2, (1, 1): 1, (0,): 1, (1,): -1}
    assert list(map(len, invisible(posed(2, [square], 2)))) == [1, 1]
    assert invisible(posed(2, [square, {(0, 0): fmpq(1, 10**30), (0,): fmpq(1, 10**30)}], 2)) == ((), ())


def test_points_near_the_boundary_are_left_to_exact_arithmetic():
    """⟨x, g⟩ − ‖g‖² ≤ τ for ‖x‖² ≤ 1: the matrix [[τ, −½], [−½, 1]] is ⪰ 0 from τ = ¼ on."""
    model = Model()
    x, g = model.point("x"), model.point("g")
    model.suppose(norm2(x) <= 1, name="ball")
    model.maximise(x @ g - norm2(g))
    dual = program(model.problem())
    data, near = conic(dual), Q(1, 4)
    assert clearly_inside(data, [fmpq(1, 3)])
    assert not clearly_inside(data, [fmpq(1, 5)])
    for shift in (Q(0), Q(1, 10**17), -Q(1, 10**17)):
        tau = near + shift
        assert not clearly_inside(data, [fmpq(tau.numerator, tau.denominator)])
