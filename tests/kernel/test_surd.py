"""Certificates with numbers a + b√d: the field is an ordered one, and nothing unsound gets through."""

import random
from dataclasses import replace
from decimal import Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certify.kernel.polynomial import Malformed
from certify.kernel.surd import Surd
from certify.kernel.worst_case import AlgebraicBound, MatrixRelation, Relation, Unproved, UpperBound, WorstCase
from certify.kernel.worst_case import check_upper as check
from certify.kernel.worst_case_json import upper_from_json, upper_to_json

Q = Fraction


def surd(a, b, d=2):
    return Surd(Q(a), Q(b), d)


# ⟨a, b⟩ ≤ √2 for ‖a‖² ≤ 1 and ‖b‖² ≤ 2: √2/2·(1 − ‖a‖²) + √2/4·(2 − ‖b‖²) + ‖a − b/√2‖²/√2 ≥ 0.
ANGLE = WorstCase(
    vectors=("a", "b"),
    values=(),
    objective={"<a,b>": Q(1)},
    inequalities=(
        Relation("a is short", {"1": Q(1), "<a,a>": Q(-1)}),
        Relation("b is short", {"1": Q(2), "<b,b>": Q(-1)}),
    ),
)
PROOF = AlgebraicBound(ANGLE, surd(0, 1), {"a is short": surd(0, "1/2"), "b is short": surd(0, "1/4")})
# The same with a matrix and an equation: s ≤ √2 where [[1, s], [s, t]] ⪰ 0 and t = 2.
BLOCK = WorstCase(
    vectors=(),
    values=("s", "t"),
    objective={"s": Q(1)},
    equations=(Relation("t is 2", {"t": Q(1), "1": Q(-2)}),),
    matrices=(MatrixRelation("block", (({"1": Q(1)}, {"s": Q(1)}), ({"s": Q(1)}, {"t": Q(1)}))),),
)
BLOCK_PROOF = AlgebraicBound(
    BLOCK,
    surd(0, 1),
    equation_multipliers={"t is 2": surd(0, "-1/4")},
    matrix_multipliers={"block": ((surd(0, "1/2"), Q(-1, 2)), (Q(-1, 2), surd(0, "1/4")))},
)
TINY = Q(1, 10**40)


def test_irrational_bounds_are_proved_without_slack():
    assert check(PROOF) is ANGLE
    assert check(BLOCK_PROOF) is BLOCK
    for proof in (PROOF, BLOCK_PROOF):
        with pytest.raises(Unproved, match="weaker"):
            check(replace(proof, bound=proof.bound - TINY))


@pytest.mark.parametrize("change", [surd(TINY, 0), surd(-TINY, 0), surd(0, TINY), surd(0, -TINY), surd(1, -1)])
def test_no_number_of_a_tight_certificate_can_be_changed(change):
    for name, value in PROOF.multipliers.items():
        with pytest.raises(Unproved):
            check(replace(PROOF, multipliers={**PROOF.multipliers, name: value + change}))
    (name, value), *_ = BLOCK_PROOF.equation_multipliers.items()
    with pytest.raises(Unproved):
        check(replace(BLOCK_PROOF, equation_multipliers={name: value + change}))
    for i, j in ((0, 0), (0, 1), (1, 1)):
        rows = [list(row) for row in BLOCK_PROOF.matrix_multipliers["block"]]
        rows[i][j] = rows[i][j] + change
        rows[j][i] = rows[i][j]
        with pytest.raises(Unproved):
            check(replace(BLOCK_PROOF, matrix_multipliers={"block": tuple(map(tuple, rows))}))


def test_the_other_root_proves_nothing():
    """√d is the positive root: the conjugate of a proof is none, though all its equations hold."""
    conjugate = {name: surd(m.a, -m.b) for name, m in PROOF.multipliers.items()}
    with pytest.raises(Unproved, match="negative"):
        check(AlgebraicBound(ANGLE, surd(0, -1), conjugate))
    matrix = ((surd(0, "-1/2"), Q(-1, 2)), (Q(-1, 2), surd(0, "-1/4")))
    with pytest.raises(Unproved, match="not positive semidefinite"):
        check(replace(BLOCK_PROOF, bound=surd(0, -1), equation_multipliers={"t is 2": surd(0, "1/4")},
                      matrix_multipliers={"block": matrix}))  # fmt: skip


@pytest.mark.parametrize("d", [4, 9, 1, 0, -2, True, 2.0, Q(2)])
def test_only_irrational_square_roots_are_numbers(d):
    """With d = 4 the number 2 − √4 would be zero and not look so; its inverse would be nonsense."""
    with pytest.raises(ValueError, match="irrational"):
        Surd(Q(2), Q(-1), d)


def test_two_roots_do_not_meet():
    with pytest.raises(ValueError, match="one expression"):
        surd(1, 1, 2) + surd(1, 1, 3)
    mixed = {"a is short": surd(0, "1/2"), "b is short": surd(1, 0, 3)}
    with pytest.raises(Unproved, match="two different"):
        check(replace(PROOF, multipliers=mixed))


def test_an_irrational_multiple_of_a_function_value_does_not_vanish():
    """Σ λ·inequality must be free of function values in both parts, the rational and the irrational one."""
    loose = replace(BLOCK_PROOF, equation_multipliers={"t is 2": surd(0, "-1/4") + surd(7, -5)})
    with pytest.raises(Unproved, match="function value"):
        check(replace(loose, bound=surd(10, 10)))


def test_work_is_limited():
    with pytest.raises(Unproved, match="more work"):
        check(PROOF, digits=0)


# -- the field -----------------------------------------------------------------------------------------

rationals = st.fractions(min_value=-50, max_value=50, max_denominator=60)
fields = st.sampled_from([2, 3, 5, 6, 8, 12, 13])


def decimal(x):
    with localcontext() as context:
        context.prec = 80
        a, b = (Decimal(q.numerator) / Decimal(q.denominator) for q in (x.a, x.b))
        return a + b * Decimal(x.d).sqrt()


@given(rationals, rationals, rationals, rationals, fields)
def test_the_operations_are_those_of_real_numbers(a, b, c, e, d):
    x, y = Surd(a, b, d), Surd(c, e, d)
    with localcontext() as context:
        context.prec = 60
        near = Decimal(10) ** -40
        for ours, theirs in ((x + y, decimal(x) + decimal(y)), (x - y, decimal(x) - decimal(y)),
                             (x * y, decimal(x) * decimal(y)), (c - x, decimal(surd(c, 0)) - decimal(x)),
                             (c * x, decimal(surd(c, 0)) * decimal(x))):  # fmt: skip
            assert abs(decimal(ours) - theirs) < near
        if y:
            assert (x / y) * y == x
            assert c / y * y == Surd(c, Q(0), d)
        else:
            assert not c
            assert not e
        assert (x < y) == (decimal(x) < decimal(y))
        assert (x > y) == (decimal(x) > decimal(y))


@given(st.integers(1, 10**9), fields)
def test_signs_are_right_however_near_to_zero(q, d):
    """p/q next to √d on either side, for large q."""
    p = int((Decimal(d).sqrt() * q).to_integral_value(rounding="ROUND_FLOOR"))
    assert p * p < d * q * q < (p + 1) ** 2
    assert Surd(Q(p, q), Q(-1), d).sign() == -1
    assert Surd(Q(p + 1, q), Q(-1), d).sign() == 1
    assert Surd(Q(-p, q), Q(1), d).sign() == 1


@pytest.mark.parametrize("seed", range(20))
def test_semidefinite_matrices_are_recognised(seed):
    """Products LLᵀ over the field are ⪰ 0; with a little taken off the diagonal of a singular one they are not."""
    generator = random.Random(seed)  # noqa: S311
    n, d = generator.randint(2, 5), generator.choice([2, 3, 5])
    rank = generator.randint(1, n)
    factor = [
        [surd(generator.randint(-3, 3), Q(generator.randint(-3, 3), 2), d) for _ in range(rank)] for _ in range(n)
    ]
    matrix = [[sum((a * b for a, b in zip(u, v, strict=True)), Q(0)) for v in factor] for u in factor]

    zeros = tuple(tuple({} for _ in range(n)) for _ in range(n))
    problem = WorstCase((), (), {}, matrices=(MatrixRelation("M", zeros),))

    def accepted(matrix):
        try:
            check(AlgebraicBound(problem, Q(0), matrix_multipliers={"M": tuple(map(tuple, matrix))}))
        except Unproved:
            return False
        return True

    assert accepted(matrix)
    if rank < n:
        assert not accepted([[c - (TINY if i == j else 0) for j, c in enumerate(row)] for i, row in enumerate(matrix)])


# -- the file ------------------------------------------------------------------------------------------


def test_files_keep_every_number():
    for proof in (PROOF, BLOCK_PROOF):
        assert upper_from_json(upper_to_json(proof), proof.problem) == proof
    assert upper_to_json(PROOF)["bound"] == {"a": "0", "b": "1", "sqrt": 2}
    rational = UpperBound(ANGLE, Q(3, 2), {"a is short": Q(1, 2), "b is short": Q(1, 2)})
    assert upper_from_json(upper_to_json(rational), ANGLE) == rational


@pytest.mark.parametrize(
    "number",
    [
        {"a": "0", "b": "1", "sqrt": 4},
        {"a": "0", "b": "1", "sqrt": -2},
        {"a": "0", "b": "1", "sqrt": True},
        {"a": "0", "b": "1", "sqrt": "2"},
        {"a": "0", "b": "1", "sqrt": 10**40 + 1},
        {"a": 0, "b": "1", "sqrt": 2},
        {"a": "0", "sqrt": 2},
        {"a": "0", "b": "1", "sqrt": 2, "c": "1"},
        1.5,
        ["1"],
    ],
)
def test_other_numbers_are_refused(number):
    with pytest.raises(Malformed):
        upper_from_json({**upper_to_json(PROOF), "bound": number}, ANGLE)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (surd("3/8", "-1/8", 5), "(3 - sqrt(5))/8"),
        (surd(0, "1/2"), "sqrt(2)/2"),
        (surd(0, -1), "-sqrt(2)"),
        (surd(1, 2), "1 + 2*sqrt(2)"),
        (surd("3/2", 0), "3/2"),
    ],
)
def test_numbers_are_printed_as_formulas(number, text):
    assert str(number) == text
