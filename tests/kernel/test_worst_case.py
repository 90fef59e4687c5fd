"""The kernel's numerical certificates: true ones pass, and every kind of lie is refused with its reason."""

import random
from dataclasses import replace
from fractions import Fraction

import pytest

from certify.kernel.worst_case import (
    Attained,
    MatrixRelation,
    Relation,
    Unproved,
    UpperBound,
    WorstCase,
    check_attained,
    check_upper,
)

Q = Fraction

# One gradient step of length 1 on a 1-smooth convex function: f(x₁) − f⋆ ≤ ‖x₀ − x⋆‖²/6, with x⋆ = 0 and f⋆ = 0;
# d = x₀, g = ∇f(x₀), h = ∇f(x₁), x₁ = d − g. The multipliers are Drori and Teboulle's.
STEP = WorstCase(
    vectors=("d", "g", "h"),
    values=("f0", "f1"),
    objective={"f1": Q(1)},
    inequalities=(
        Relation("initial", {"1": Q(1), "<d,d>": Q(-1)}),
        Relation("f⋆ ≥ tangent at x₀", {"f0": Q(-1), "<d,g>": Q(1), "<g,g>": Q(-1, 2)}),
        Relation("f⋆ ≥ tangent at x₁", {"f1": Q(-1), "<d,h>": Q(1), "<g,h>": Q(-1), "<h,h>": Q(-1, 2)}),
        Relation("f(x₀) ≥ tangent at x₁", {"f0": Q(1), "f1": Q(-1), "<g,g>": Q(-1, 2), "<h,h>": Q(-1, 2)}),
    ),
)
PROOF = UpperBound(
    STEP,
    Q(1, 6),
    {
        "initial": Q(1, 6),
        "f⋆ ≥ tangent at x₀": Q(1, 2),
        "f(x₀) ≥ tangent at x₁": Q(1, 2),
        "f⋆ ≥ tangent at x₁": Q(1, 2),
    },
)
# Huber's function with slope 1/3: x₀ = 1, both gradients 1/3, f = x/3 − 1/18.
WORST = Attained(
    STEP,
    Q(1, 6),
    {
        "<d,d>": Q(1), "<d,g>": Q(1, 3), "<d,h>": Q(1, 3), "<g,g>": Q(1, 9), "<g,h>": Q(1, 9), "<h,h>": Q(1, 9),
    },
    {"f0": Q(5, 18), "f1": Q(1, 6)},
)  # fmt: skip


def test_the_bound_of_one_gradient_step_is_exact():
    assert check_upper(PROOF) is STEP
    assert check_attained(WORST) is STEP


def test_a_weaker_bound_is_proved_by_the_same_multipliers_and_a_stronger_one_is_not():
    check_upper(replace(PROOF, bound=Q(1, 5)))
    with pytest.raises(Unproved, match="weaker bound"):
        check_upper(replace(PROOF, bound=Q(1, 6) - Q(1, 10**30)))


@pytest.mark.parametrize("name", PROOF.multipliers)
@pytest.mark.parametrize("change", [Q(1, 10**9), Q(-1, 10**9), Q(1), Q(-1)])
def test_no_multiplier_can_be_changed(name, change):
    changed = PROOF.multipliers | {name: PROOF.multipliers[name] + change}
    if name == "initial" and change > 0:
        return  # that only wastes some of the bound, which is then too small
    with pytest.raises(Unproved):
        check_upper(replace(PROOF, multipliers=changed))


@pytest.mark.parametrize("name", PROOF.multipliers)
def test_no_multiplier_can_be_left_out(name):
    with pytest.raises(Unproved):
        check_upper(replace(PROOF, multipliers={n: m for n, m in PROOF.multipliers.items() if n != name}))


@pytest.mark.parametrize("entry", [*WORST.gram, *WORST.values])
def test_no_entry_of_a_tight_worst_case_can_be_moved_both_ways(entry):
    def moved(by):
        gram = {n: v + (by if n == entry else 0) for n, v in WORST.gram.items()}
        values = {n: v + (by if n == entry else 0) for n, v in WORST.values.items()}
        return replace(WORST, gram=gram, values=values)

    refused = 0
    for by in (Q(1, 10**9), Q(-1, 10**9)):
        try:
            check_attained(moved(by))
        except Unproved:
            refused += 1
    assert refused >= 1


def test_the_value_of_a_worst_case_is_exact():
    with pytest.raises(Unproved, match="another value"):
        check_attained(replace(WORST, value=Q(1, 6) + Q(1, 10**40)))


@pytest.mark.parametrize(
    ("certificate", "reason"),
    [
        (replace(PROOF, multipliers=PROOF.multipliers | {"nothing": Q(1)}), "no relation"),
        (replace(PROOF, equation_multipliers={"initial": Q(1)}), "no relation"),
        (replace(PROOF, multipliers=PROOF.multipliers | {"initial": Q(-1)}), "negative"),
        (replace(PROOF, bound=float("nan")), "not exact"),
        (replace(PROOF, multipliers=PROOF.multipliers | {"initial": 1 / 6}), "not exact"),
        (replace(PROOF, problem=replace(STEP, vectors=("d", "g", "h", "d"))), "must differ"),
        (replace(PROOF, problem=replace(STEP, vectors=("d", "g"))), "no inner product"),
        (replace(PROOF, problem=replace(STEP, values=("f0",))), "no inner product"),
        (replace(PROOF, problem=replace(STEP, values=("f0", "f1", "<d,d>"))), "none of"),
        (replace(PROOF, problem=replace(STEP, inequalities=(*STEP.inequalities, STEP.inequalities[0]))), "same name"),
    ],
)
def test_what_does_not_fit_together_is_refused(certificate, reason):
    with pytest.raises(Unproved, match=reason):
        check_upper(certificate)


def test_a_worst_case_of_another_problem_is_refused():
    with pytest.raises(Unproved, match="not those"):
        check_attained(replace(WORST, values={"f0": Q(5, 18)}))
    with pytest.raises(Unproved, match="no inner product"):
        check_attained(replace(WORST, gram=WORST.gram | {"<d,z>": Q(0)}))


# -- equations and matrices: maximise s subject to [[1, s], [s, t]] ⪰ 0 and t = 4 ------------------------

BLOCK = WorstCase(
    vectors=(),
    values=("s", "t"),
    objective={"s": Q(1)},
    equations=(Relation("t is 4", {"t": Q(1), "1": Q(-4)}),),
    matrices=(MatrixRelation("block", (({"1": Q(1)}, {"s": Q(1)}), ({"s": Q(1)}, {"t": Q(1)}))),),
)
BLOCK_PROOF = UpperBound(
    BLOCK,
    Q(2),
    equation_multipliers={"t is 4": Q(-1, 4)},
    matrix_multipliers={"block": ((Q(1), Q(-1, 2)), (Q(-1, 2), Q(1, 4)))},
)


def test_matrices_and_equations():
    check_upper(BLOCK_PROOF)
    check_attained(Attained(BLOCK, Q(2), {}, {"s": Q(2), "t": Q(4)}))


def test_matrix_multipliers_must_be_semidefinite_symmetric_and_of_the_right_size():
    for matrix in (
        ((Q(1), Q(-1, 2)), (Q(-1, 2), Q(1, 5))),
        ((Q(1), Q(-1)), (Q(0), Q(1, 4))),
        ((Q(1),),),
    ):
        with pytest.raises(Unproved):
            check_upper(replace(BLOCK_PROOF, matrix_multipliers={"block": matrix}))


def test_points_must_satisfy_equations_and_matrices():
    with pytest.raises(Unproved, match="equation"):
        check_attained(Attained(BLOCK, Q(2), {}, {"s": Q(2), "t": Q(5)}))
    with pytest.raises(Unproved, match="not positive semidefinite"):
        check_attained(Attained(BLOCK, Q(3), {}, {"s": Q(3), "t": Q(4)}))


def test_a_lopsided_matrix_is_refused():
    lopsided = replace(BLOCK, matrices=(MatrixRelation("block", (({}, {"s": Q(1)}), ({}, {}))),))
    with pytest.raises(Unproved, match="symmetric"):
        check_attained(Attained(lopsided, Q(2), {}, {"s": Q(2), "t": Q(4)}))


# -- the Gram matrix -----------------------------------------------------------------------------------


def gram_problem(matrix):
    """Is this matrix ⪰ 0, put to both checks."""
    names = [f"v{i}" for i in range(len(matrix))]
    free = WorstCase(tuple(names), (), {})
    entries = {f"<{a},{b}>": matrix[i][j] for i, a in enumerate(names) for j, b in enumerate(names) if a <= b}
    form = {n: (-c if n[1:-1].split(",")[0] == n[1:-1].split(",")[1] else -2 * c) for n, c in entries.items()}
    return Attained(free, Q(0), entries, {}), UpperBound(replace(free, objective=form), Q(0))


def accepted(check, certificate):
    try:
        check(certificate)
    except Unproved:
        return False
    return True


@pytest.mark.parametrize("seed", range(40))
def test_semidefinite_matrices_are_recognised(seed):
    """Products LLᵀ of every rank are ⪰ 0; with a little taken off the diagonal of a singular one they are not."""
    generator = random.Random(seed)  # noqa: S311
    n, rank = generator.randint(1, 6), generator.randint(1, 6)
    factor = [[Q(generator.randint(-3, 3), generator.randint(1, 3)) for _ in range(rank)] for _ in range(n)]
    matrix = [[sum(a * b for a, b in zip(u, v, strict=True)) for v in factor] for u in factor]
    attained, upper = gram_problem(matrix)
    assert accepted(check_attained, attained)
    assert accepted(check_upper, upper)
    if rank < n:
        lowered = [[c - (Q(1, 10**12) if i == j else 0) for j, c in enumerate(row)] for i, row in enumerate(matrix)]
        attained, upper = gram_problem(lowered)
        assert not accepted(check_attained, attained)
        assert not accepted(check_upper, upper)


def test_work_is_limited():
    with pytest.raises(Unproved, match="more work"):
        check_upper(PROOF, digits=3)
