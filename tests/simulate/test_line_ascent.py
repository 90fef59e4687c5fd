"""What gradient ascent moves on the line: the same functions as the exact ones, in the class, and never a verdict."""

import time
from dataclasses import replace
from fractions import Fraction as Q

import pytest
import torch

from certify.analysis.catalogue import load_method
from certify.simulate.claims import Claim
from certify.simulate.counterexample import Counterexample, Trial, examine
from certify.simulate.exact import kinked, quadratic, smooth
from certify.simulate.line_ascent import Runs, ascended, climb
from certify.simulate.line_batch import LineBatch
from certify.simulate.line_functions import Recipe, shorter
from certify.simulate.line_functions import kinked as recipe
from certify.simulate.line_space import Space
from certify.simulate.membership import satisfies
from certify.simulate.refute import refute


def _claim(method: str, name: str) -> Claim:
    kind = load_method(method)
    stated = kind.theorems()[name]
    return Claim(stated.variant or kind, stated.assumptions, stated)


def _tensor(*rows):
    return torch.tensor([rows], dtype=torch.float64)


def test_the_batch_is_the_exact_function():
    """Value, slope, prox and ball-prox of a function with two corners and a corner at 0."""
    f = kinked((Q(-2), Q(0), Q(1), Q(3)), (Q(2), Q(1), Q(1), Q(0), Q(3)), (Q(0), Q(3, 2), Q(1), Q(0)), Q(1, 2))
    knots, bends = _tensor([2.0, 5.0], [1.0, 3.0]), _tensor([1.0, 2.0, 2.0], [1.0, 0.0, 3.0])
    batch = LineBatch(knots, bends, _tensor([1.0, 0.0, 0.0], [0.5, 1.0, 0.0]), {})
    assert f.is_convex()
    assert f.minimizer() == 0
    for y in (Q(-7), Q(-5, 2), Q(-1, 3), Q(1, 7), Q(2), Q(4)):
        x = torch.tensor([[float(y)]], dtype=torch.float64)
        assert float(batch.value(x)) == pytest.approx(float(f.value(y)))
        assert float(batch.subgradient(x)) == pytest.approx(float(f.gradient(y)))
        for size in (Q(1, 10), Q(1), Q(4)):
            assert float(batch.prox(x, float(size))) == pytest.approx(float(f.prox(y, size)))
            u, g = f.brox(y, size)
            found = batch.brox(x, float(size))
            assert (float(found[0]), float(found[1])) == pytest.approx((float(u), float(g)))


def test_bounded_and_dominated_functions_are_told():
    jumps = torch.zeros(1, 2, 2, dtype=torch.float64)
    knots = _tensor([1.0], [1.0])
    below = LineBatch(knots, _tensor([1.0, 1.0], [1.0, -1.0]), jumps, {})
    above = LineBatch(knots, _tensor([1.0, 1.0], [1.0, 0.5]), jumps, {})
    assert not bool(below.bounded())
    assert bool(above.bounded())
    assert bool(above.dominated(torch.tensor([[0.5]], dtype=torch.float64)))
    assert not bool(above.dominated(torch.tensor([[0.6]], dtype=torch.float64)))


@pytest.mark.parametrize(
    ("method", "name"),
    [
        ("gd", "gap-pl"),
        ("nag", "gap"),
        pytest.param("bpm", "gap-sharp", marks=pytest.mark.slow),
        pytest.param("sgd", "gap", marks=pytest.mark.slow),
    ],
)
def test_rows_stay_in_the_class_and_true_theorems_stand(method, name):
    """Rounded rows are functions of the class with these constants, and none contradicts a theorem that is true."""
    claim, members = _claim(method, name), 0
    for row in ascended(claim, seed=1, deadline=time.process_time() + 0.7):
        values = {**row.free, **claim.tied(row.free)}
        if claim.theorem.indexed and not claim.method.plain():
            values["k"] = Q(row.lead)
        f = row.recipe.build()
        own = {n: values[n] for n in claim.constants}
        if any(a.subject == "noise" for a in claim.assumptions) or not all(claim.domain(values)):
            continue
        members += all(satisfies(f, a.name, own) for a in claim.assumptions)
        assert examine(claim, Trial(f, values, row.start, f.minimizer(row.start), row.lead))[1] is None
    assert members > 0 or any(a.subject == "noise" for a in claim.assumptions)


def test_the_ascent_comes_nearer():
    claim = _claim("gd", "gap-long")
    runs = Runs(Space(claim, torch.Generator().manual_seed(0)))
    place = runs.space.drawn()
    before = runs.nearness(place)
    _, after = climb(runs, place, time.process_time() + 1)
    assert bool((after >= before).all())
    assert float(after.max()) < 1e-9
    assert int(after.isfinite().sum()) >= int(before.isfinite().sum()) > 10


def test_breakpoints_at_which_nothing_changes_are_left_out():
    assert recipe((Q(-1), Q(0)), (Q(1), Q(1), Q(1)), (Q(0), Q(0)), Q(0)) == Recipe("quadratic", (Q(1),))
    bent = recipe((Q(-1), Q(0), Q(2)), (Q(1), Q(1), Q(1), Q(3)), (Q(0), Q(0), Q(0)), Q(0))
    assert bent == Recipe("smooth", (Q(2), Q(1), Q(3)))
    assert bent.build() == smooth((2,), (1, 3))
    kink = recipe((Q(0), Q(2)), (Q(0), Q(0), Q(1)), (Q(2), Q(0)), Q(1))
    assert all(len(r.numbers) < len(kink.numbers) for r in shorter(kink))


# --- methods with memory ----------------------------------------------------------------------------


def test_runs_with_memory_start_at_the_start():
    """Heavy ball with β = 1/2 after two steps: the theorem is held against the third, on ½y² from 1."""
    claim = _claim("heavy-ball", "gap")
    false = replace(claim.theorem, goal=_weighted(claim.theorem.goal, Q(103, 100)))
    found = refute(claim.method, claim.assumptions, false, [], seconds=5.0)
    assert found is not None
    assert found.replay()
    lead = len(found.iterates) - 1
    data = found.to_json()
    moved = Counterexample.from_json({**data, "iterates": [*data["iterates"], "0"]}, found.claim)
    assert not moved.replay()
    changed = Counterexample.from_json({**data, "start": "17/3"}, found.claim)
    assert not changed.replay()
    true = Counterexample.from_json(data, claim)
    assert lead >= 0
    assert not true.replay()  # the theorem itself stands there


def test_the_clock_of_an_indexed_theorem_is_that_of_the_run():
    claim = _claim("fgm", "gap")
    values = {"L": Q(1), "k": Q(2), "m": Q(0)}
    wrong = Trial(quadratic(Q(1, 3)), values, Q(1), Q(0), lead=1)
    right = Trial(quadratic(Q(1, 3)), values, Q(1), Q(0), lead=2)
    assert examine(claim, wrong, -1.0)[0] == -float("inf")
    assert -1 < examine(claim, right, -1.0)[0] <= 0


def _weighted(goal, factor):
    def changed(*arguments, **keywords):
        found = goal(*arguments, **keywords)
        return replace(found, weights=tuple(w * factor for w in found.weights))

    return changed
