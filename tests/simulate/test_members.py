"""Functions with constants that were asked for: each inequality of a declaration holds between sampled points."""

from fractions import Fraction as Q
from itertools import combinations, permutations

import pytest
import torch
from flint import fmpq, fmpq_mat
from torch import Tensor

from certify.assumptions.convex import Convex
from certify.assumptions.eb import ErrorBound
from certify.assumptions.lipschitz_convex import LipschitzConvex
from certify.assumptions.pl import PolyakLojasiewicz
from certify.assumptions.qg_convex import QGConvex
from certify.assumptions.quadratic import Quadratic
from certify.assumptions.sharp_growth import SharpGrowth
from certify.assumptions.smooth import Smooth
from certify.assumptions.smooth_convex import SmoothConvex
from certify.assumptions.smooth_strongly_convex import SmoothStronglyConvex
from certify.assumptions.strongly_convex import StronglyConvex
from certify.language import Assumption, Evaluation
from certify.simulate.curved import Curved, Tilted
from certify.simulate.functions import POLYHEDRAL, MaxAffine
from certify.simulate.members import KNOWN, batches, members
from certify.simulate.oracle import BatchFunction, Oracle
from certify.simulate.rows import Rows, number, plain, rows

CLASSES: list[tuple[type[Assumption], dict[str, Q]]] = [
    (Convex, {}),
    (StronglyConvex, {"mu": Q(1, 3)}),
    (Smooth, {"L": Q(2)}),
    (SmoothConvex, {"L": Q(3)}),
    (SmoothStronglyConvex, {"L": Q(2), "mu": Q(1, 5)}),
    (Quadratic, {"L": Q(2), "mu": Q(1, 5)}),
    (PolyakLojasiewicz, {"L": Q(2), "mu": Q(1, 50)}),
    (LipschitzConvex, {"M": Q(1, 2)}),
    (SharpGrowth, {"s": Q(1, 2)}),
    (QGConvex, {"L": Q(1)}),
    (ErrorBound, {"L": Q(1)}),
]


def _points(star: Tensor, generator: torch.Generator) -> list[Tensor]:
    """Points at distances from 1e-3 to 10 of the minimiser."""
    found = []
    for scale in (1e-3, 0.1, 1.0, 1.0, 10.0):
        found.append(star + scale * torch.randn(star.shape, dtype=star.dtype, generator=generator))
    return found


@pytest.fixture
def tolerant(monkeypatch):
    """Comparisons of a declaration's inequality allow for rounding of its terms, which are up to 1e5 here."""

    def at_least(left, right):
        a, b = (torch.as_tensor(number(v)) for v in (left, right))
        return plain(a - b) >= -1e-9 * (plain(a).abs() + plain(b).abs()) - 1e-10

    monkeypatch.setattr(Rows, "__ge__", at_least)
    monkeypatch.setattr(Rows, "__le__", lambda left, right: at_least(right, left))


def _said(kind: type[Assumption], constants: dict[str, Q], function: BatchFunction, generator: torch.Generator):
    """The truth of everything that a declaration says between points and at them."""
    f, assumption = Oracle(function, {**constants, "bounded_below": True}), kind(**constants)
    points = _points(plain(f.minimizer), generator)
    known = [Evaluation(x, str(i), f.value(x), f.subgradient(x)) for i, x in enumerate(map(rows, points))]
    known.append(Evaluation(f.minimizer, "⋆", f.minimum, f.subgradient(f.minimizer)))
    for x, y in permutations(known, 2):
        yield assumption.between(x, y)
    for x in known:
        found = assumption.at(x, f)
        yield from found if isinstance(found, tuple) else (found,)


@pytest.mark.parametrize(("kind", "constants"), CLASSES, ids=lambda v: getattr(v, "name", ""))
@pytest.mark.parametrize("dimension", [1, 3])
def test_declared_inequalities_hold_between_sampled_points(kind, constants, dimension, tolerant):
    generator = torch.Generator().manual_seed(0)
    found = list(members([kind], constants, rows=60, dimension=dimension, generator=generator))
    assert found
    for function in found:
        assert plain(function.minimizer).abs().max() == 0
        said = [truth for truth in _said(kind, constants, function, generator) if truth is not None]
        assert all(bool(truth.all()) for truth in said), function.name
        assert len(said) >= (0 if kind is Quadratic else 6)


def test_constants_are_attained_where_that_can_be_seen():
    """A quadratic has exactly the curvatures that were asked for."""
    generator = torch.Generator().manual_seed(0)
    constants = {"L": Q(2), "mu": Q(1, 5)}
    for function in members([Quadratic], constants, rows=20, dimension=4, generator=generator):
        hessians = torch.stack([function.subgradient(e.expand(20, 4)) for e in torch.eye(4).double()], 1)
        ends = torch.linalg.eigvalsh((hessians + hessians.mT) / 2)
        torch.testing.assert_close(ends[:, -1], torch.full((20,), 2.0).double())
        assert (ends[:, 0] >= 0.2 - 1e-12).all()


def test_the_prox_of_a_curved_function_is_optimal():
    generator = torch.Generator().manual_seed(0)
    for function in members(
        [SmoothStronglyConvex], {"L": Q(2), "mu": Q(1, 5)}, rows=30, dimension=3, generator=generator
    ):
        assert isinstance(function, Curved)
        if "prox" not in function.oracles:
            continue
        x = torch.randn(30, 3, dtype=torch.float64, generator=generator)
        for gamma in (1e-3, 1.0, 1e3):
            p = function.prox(x, gamma)
            torch.testing.assert_close((x - p) / gamma, function.subgradient(p), rtol=1e-7, atol=1e-9)
        u, g = function.brox(x, 0.1)
        moved = (g != 0).any(1)
        assert (((x - u).norm(dim=1) - 0.1).abs()[moved] < 1e-12).all()
        torch.testing.assert_close(g[moved], function.subgradient(u)[moved], rtol=1e-6, atol=1e-9)


def test_several_functions_have_their_minimum_together():
    kinds, constants = [[SmoothConvex], [Convex]], [{"L": Q(1)}, {}]
    found = list(batches(kinds, constants, runs=400))
    assert len(found) > 5
    assert sum(map(len, found)) >= 400
    for batch in found:
        f, h = batch.functions
        assert isinstance(f, Tilted)
        assert batch.slopes is not None
        star = batch.minimizer
        torch.testing.assert_close(f.subgradient(star), batch.slopes[0])
        torch.testing.assert_close(batch.slopes[0], -batch.slopes[1])
        least = f.value(star) + h.value(star)
        for x in _points(star, torch.Generator().manual_seed(1)):
            assert (f.value(x) + h.value(x) >= least - 1e-12).all()
        distance = (batch.starts[0] - star).norm(dim=1)
        torch.testing.assert_close(distance, torch.ones_like(distance))


def test_the_same_seed_gives_the_same_runs_and_unknown_classes_give_none():
    first, again, other = (list(batches([[SmoothConvex]], [{"L": Q(1)}], runs=100, seed=seed)) for seed in (3, 3, 4))
    assert all(torch.equal(a.starts[0], b.starts[0]) for a, b in zip(first, again, strict=True))
    assert not all(torch.equal(a.starts[0], b.starts[0]) for a, b in zip(first, other, strict=True))

    class Unknown(Assumption):
        """Nobody has test functions for it."""

        name = "unknown"

    assert list(batches([[Unknown]], [{}], runs=10)) == []
    assert set(KNOWN) >= {"convex", "smooth-convex", "quadratic", "pl"}


@pytest.mark.parametrize(
    ("kind", "constants"),
    [
        (LipschitzConvex, {"M": Q(1, 2)}),
        (SharpGrowth, {"s": Q(1, 2)}),
        (SmoothConvex, {"L": Q(3)}),
        (StronglyConvex, {"mu": Q(1, 3)}),
        (SmoothStronglyConvex, {"L": Q(2), "mu": Q(1, 5)}),
    ],
    ids=lambda v: getattr(v, "name", ""),
)
def test_polyhedral_functions_satisfy_what_they_are_made_for(kind, constants, tolerant):
    generator = torch.Generator().manual_seed(0)
    found = list(members([kind], constants, rows=20, dimension=3, generator=generator, families=POLYHEDRAL))
    assert found
    for function in found:
        said = [truth for truth in _said(kind, constants, function, generator) if truth is not None]
        assert said
        assert all(bool(truth.all()) for truth in said), function.name


@pytest.mark.parametrize("gamma", [1e-2, 1.0, 1e3])
def test_the_prox_of_a_polyhedral_function_is_exact_in_rational_arithmetic(gamma):
    """With the active pieces known, the prox of a largest piece solves linear equations: here in ℚ."""
    generator = torch.Generator().manual_seed(1)
    (f,) = MaxAffine.sample(batch=12, dimension=2, generator=generator)
    x = f.minimizer + torch.randn(12, 2, dtype=torch.float64, generator=generator)
    p, slopes, offsets = f.prox(x, gamma), f.parameters["slopes"], f.parameters["offsets"]
    for row in range(12):
        a = [[Q(v) for v in piece] for piece in slopes[row].tolist()]
        away = [Q(u) - Q(v) for u, v in zip(x[row].tolist(), f.minimizer[row].tolist(), strict=True)]
        best = _exact_prox(a, [Q(v) for v in offsets[row].tolist()], away, Q(gamma))
        error = [
            float(Q(u) - Q(v) - w) for u, v, w in zip(p[row].tolist(), f.minimizer[row].tolist(), best, strict=True)
        ]
        assert max(map(abs, error)) < 1e-10


def _exact_prox(slopes, offsets, away, gamma):
    """argmin_u maxᵢ ⟨aᵢ, u⟩ + bᵢ + ‖u − y‖²/(2γ) by trying all sets of up to three active pieces, in ℚ."""
    for count in (1, 2, 3):
        for active in combinations(range(len(slopes)), count):
            weights = _weights([slopes[i] for i in active], [offsets[i] for i in active], away, gamma)
            if weights is None or min(weights) < 0:
                continue
            u = [
                y - gamma * sum(w * slopes[i][j] for w, i in zip(weights, active, strict=True))
                for j, y in enumerate(away)
            ]
            pieces = [sum(s * v for s, v in zip(a, u, strict=True)) + b for a, b in zip(slopes, offsets, strict=True)]
            if max(pieces) == pieces[active[0]]:
                return u
    raise AssertionError("some set of active pieces is optimal")


def _weights(slopes, offsets, away, gamma):
    """w with Σw = 1 for which all these pieces are equal at y − γ Σ wᵢaᵢ; None if that does not determine it."""
    n = len(slopes)

    def dot(u, v):
        return sum(a * b for a, b in zip(u, v, strict=True))

    system = [[gamma * dot(a, b) for b in slopes] + [Q(1)] for a in slopes] + [[Q(1)] * n + [Q(0)]]
    right = [dot(a, away) + b for a, b in zip(slopes, offsets, strict=True)] + [Q(1)]
    matrix = fmpq_mat(n + 1, n + 1, [fmpq(v.numerator, v.denominator) for line in system for v in line])
    if matrix.det() == 0:
        return None
    solved = matrix.solve(fmpq_mat(n + 1, 1, [fmpq(v.numerator, v.denominator) for v in right]))
    return [Q(int(solved[i, 0].p), int(solved[i, 0].q)) for i in range(n)]
