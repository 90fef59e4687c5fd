"""The conditions of every class hold, exactly, for members of the class: a condition that is too strong is noticed.

The members are functions and operators of the plane (functions of the line ignore the second coordinate) at many
rational points.
"""

from fractions import Fraction as Q
from itertools import product

import numpy as np
import pytest

from certify.analysis.catalogue import assumption_names, load_assumption
from certify.pep import Model, norm2
from certify.pep.engine.problem import Terms, as_fraction

HALF = Q(1, 2)
GRID = [(Q(a), Q(b)) for a, b in product((-2, -1, Q(-2, 5), 0, Q(2, 3), 1, Q(7, 4)), (-1, HALF))]


class Plane:
    """Values for the vectors and numbers of a model, given one by one."""

    def __init__(self, model):
        self.model, self.vectors, self.values = model, {}, {}

    def vector(self, coordinates, space=None):
        """A fresh point of the model with these coordinates (one for each block, if the space has blocks)."""
        point = self.model.point(space=space)
        for (i, _), own in zip(point.coefficients.items(), self._split(coordinates, point), strict=True):
            self.vectors[i] = own
        return point

    def number(self, value):
        number = self.model.number()
        ((key, _),) = number.terms.items()
        self.values[key[0]] = Q(value)
        return number

    def put(self, point, coordinates):
        """Give the point of an oracle its coordinates."""
        ((i, _),) = point.coefficients.items()
        self.vectors[i] = coordinates

    def _split(self, coordinates, point):
        if len(point.coefficients) == 1:
            return [coordinates]
        return [tuple(c if j == k else Q(0) for j, c in enumerate(coordinates)) for k in range(len(coordinates))]

    def __call__(self, terms: Terms):
        total = Q(0)
        for key, c in terms.items():
            if len(key) == 2:
                quantity = sum(a * b for a, b in zip(self.vectors[key[0]], self.vectors[key[1]], strict=True))
            else:
                quantity = self.values[key[0]] if key else Q(1)
            total += as_fraction(c) * quantity
        return total

    def check(self):
        """The names of the conditions that do not hold."""
        self.model.maximise(self.model.constant(0))
        problem = self.model.problem()
        assert len(problem.inequalities) + len(problem.equations) + len(problem.matrices) > 1
        wrong = [row.name for row in problem.inequalities if self(row.terms) < 0]
        wrong += [row.name for row in problem.equations if self(row.terms) != 0]
        for matrix in problem.matrices:
            entries = np.array([[float(self(terms)) for terms in row] for row in matrix.rows])
            if np.linalg.eigvalsh(entries).min() < -1e-9:
                wrong.append(matrix.name)
        return wrong


# -- functions: (value, gradient) on the line or in the plane ----------------------------------------------------


def line(f):
    """A function of the first coordinate."""

    def of(x):
        value, slope = f(x[0])
        return value, (slope, Q(0))

    return of


def sign(x):
    return (x > 0) - (x < 0)


def huber(x):
    return (x * x / 2, x) if abs(x) <= 1 else (abs(x) - HALF, Q(sign(x)))


def double_well(x):
    """Curvature −1 for |x| ≤ ½ and 1 outside, minima at ±1."""
    if abs(x) <= HALF:
        return Q(1, 4) - x * x / 2, -x
    return (abs(x) - 1) ** 2 / 2, x - sign(x)


def bumpy(x):
    """L = 1, and (1/7)-PL, tight at x = 3/2; not convex."""
    y = abs(x)
    if y <= 1:
        return y * y / 2, x
    if y <= Q(3, 2):
        return HALF + (y - 1) - (y - 1) ** 2 / 2, sign(x) * (2 - y)
    return Q(7, 8) + ((y - 1) ** 2 - Q(1, 4)) / 2, sign(x) * (y - 1)


def quadratic(a, b, c):
    return lambda x: (
        (a * x[0] * x[0] + 2 * b * x[0] * x[1] + c * x[1] * x[1]) / 2,
        (a * x[0] + b * x[1], b * x[0] + c * x[1]),
    )


def box(x):
    """A normal of [−1, 1]² (points outside are left out)."""
    return Q(0), tuple(Q(sign(c)) if abs(c) == 1 else Q(0) for c in x)


LINE = [(Q(k, 2), Q(0)) for k in range(-4, 5)]
INSIDE = [(Q(a), Q(b)) for a, b in product((-1, Q(-1, 3), HALF, 1), repeat=2)]
ORIGIN = (Q(0), Q(0))
ABSOLUTE = line(lambda x: (abs(x), Q(sign(x))))
DISTANCE = line(lambda x: (max(Q(0), abs(x) - HALF), Q(sign(x) if abs(x) > HALF else 0)))
FUNCTIONS = [
    ("convex", {}, ABSOLUTE, GRID, ORIGIN),
    ("convex", {}, quadratic(1, 1, 1), GRID, ORIGIN),
    ("smooth", {"L": 1}, line(double_well), GRID, (Q(1), Q(0))),
    ("smooth", {"L": 1}, line(bumpy), GRID, ORIGIN),
    ("smooth-weakly-convex", {"L": 1, "rho": 1}, line(double_well), GRID, (Q(1), Q(0))),
    ("smooth-weakly-convex", {"L": 3, "rho": 1}, line(double_well), GRID, (Q(-1), Q(0))),
    ("weakly-convex", {"rho": 2}, line(lambda x: (abs(x * x - 1), 2 * x * (sign(x * x - 1) or 1))), GRID, (Q(1), Q(0))),
    ("smooth-convex", {"L": 1}, line(huber), GRID, ORIGIN),
    ("smooth-convex", {"L": 2}, quadratic(1, 1, 1), GRID, ORIGIN),
    ("smooth-lipschitz-convex", {"L": 1, "M": 1}, line(huber), GRID, ORIGIN),
    ("smooth-strongly-convex", {"L": 3, "mu": 1}, quadratic(2, 1, 2), GRID, ORIGIN),
    ("strongly-convex", {"mu": 1}, line(lambda x: (abs(x) + x * x / 2, x + sign(x))), LINE, ORIGIN),
    ("lipschitz-convex", {"M": 1}, ABSOLUTE, GRID, ORIGIN),
    ("lipschitz-strongly-convex", {"M": 2, "mu": 1}, line(lambda x: (x * x / 2, x)), LINE, ORIGIN),
    ("pl", {"L": 1, "mu": Q(1, 7)}, line(bumpy), [*GRID, (Q(3, 2), Q(0))], ORIGIN),
    ("qg-convex", {"L": 1}, DISTANCE, GRID, ORIGIN),
    ("rsi", {"mu": 1}, quadratic(2, 1, 2), GRID, ORIGIN),
    ("eb", {"L": 3}, quadratic(2, 1, 2), GRID, ORIGIN),
    ("rsi-eb", {"mu": 1, "L": 3}, quadratic(2, 1, 2), GRID, ORIGIN),
    ("quadratic", {"mu": 1, "L": 3}, quadratic(2, 1, 2), GRID, ORIGIN),
    ("quadratic", {"mu": 0, "L": 2}, quadratic(1, 1, 1), GRID, ORIGIN),
    ("indicator", {}, box, INSIDE, ORIGIN),
    ("bounded-indicator", {"D": 3}, box, INSIDE, ORIGIN),
    ("bounded-domain", {"D": 3}, ABSOLUTE, GRID, ORIGIN),
    ("ball-indicator", {"B": 2}, box, INSIDE, ORIGIN),
    ("support", {}, ABSOLUTE, GRID, ORIGIN),
    ("support", {}, lambda x: (abs(x[0]) + abs(x[1]), (Q(sign(x[0])), Q(sign(x[1])))), GRID, ORIGIN),
    ("bounded-support", {"M": 1}, ABSOLUTE, GRID, ORIGIN),
    ("block-smooth-convex", {"L": 2, "block": 1}, quadratic(3, 1, 2), GRID, ORIGIN),
    ("block-smooth-convex", {"L": 3, "block": 0}, quadratic(3, 1, 2), GRID, ORIGIN),
]  # fmt: skip


def function_conditions(name, constants, oracle, points, minimizer):
    """The conditions that some member breaks."""
    model = Model()
    plane = Plane(model)
    space = model.blocks(2) if name.startswith("block") else model.space
    f = model.function(load_assumption(name)(**constants), space=space)
    solution = f.minimizer
    for (i, _), own in zip(solution.coefficients.items(), plane._split(minimizer, solution), strict=True):
        plane.vectors[i] = own
    ((key, _),) = f.minimum.terms.items()
    plane.values[key[0]] = oracle(minimizer)[0]
    for x in points:
        value, slope = oracle(x)
        f.known(plane.vector(x, space), plane.number(value), plane.vector(slope, space))
    if name == "ball-indicator":
        plane.put(f.center, ORIGIN)
    return plane.check()


@pytest.mark.parametrize("member", FUNCTIONS, ids=lambda m: m[0])
def test_conditions_hold_for_functions_of_the_class(member):
    assert function_conditions(*member) == []


# -- operators: matrices and translations ----------------------------------------------------------------------------


def matrix(a, b, c, d):
    return lambda x: (a * x[0] + b * x[1], c * x[0] + d * x[1])


ROTATION = matrix(Q(3, 5), Q(-4, 5), Q(4, 5), Q(3, 5))
OPERATORS = [
    ("monotone", {}, matrix(0, -1, 1, 0)),
    ("monotone", {}, lambda x: (Q(sign(x[0])), x[1])),
    ("strongly-monotone", {"mu": 1}, matrix(1, -2, 2, 1)),
    ("cocoercive", {"beta": Q(1, 5)}, matrix(1, -2, 2, 1)),
    ("lipschitz", {"L": 5}, matrix(3, -4, 4, 3)),
    ("nonexpansive", {}, ROTATION),
    ("lipschitz-monotone", {"L": 1}, ROTATION),
    ("lipschitz-strongly-monotone", {"L": 1, "mu": Q(3, 5)}, ROTATION),
    ("cocoercive-strongly-monotone", {"beta": Q(3, 5), "mu": Q(3, 5)}, ROTATION),
    ("comonotone", {"rho": Q(1, 5)}, matrix(-1, -2, 2, -1)),
    ("symmetric-linear", {"mu": 1, "L": 3}, matrix(2, 1, 1, 2)),
    ("symmetric-linear", {"mu": -1, "L": 3}, matrix(1, 2, 2, 1)),
    ("skew-linear", {"L": 2}, matrix(0, -2, 2, 0)),
]


@pytest.mark.parametrize("member", OPERATORS, ids=lambda m: m[0])
def test_conditions_hold_for_operators_of_the_class(member):
    name, constants, apply = member
    model = Model()
    plane, a = Plane(model), model.operator(load_assumption(name)(**constants))
    for x in GRID:
        a.known(plane.vector(x), plane.vector(apply(x)))
    assert plane.check() == []


def test_conditions_hold_for_a_matrix_and_its_adjoint():
    model = Model()
    image = model.new_space()
    plane, a = Plane(model), model.operator(load_assumption("linear")(L=3), into=image)
    for x in GRID:
        a.known(plane.vector(x), plane.vector(matrix(2, 1, -1, 2)(x), image))
        a.adjoint.known(plane.vector(x, image), plane.vector(matrix(2, -1, 1, 2)(x)))
    assert plane.check() == []


def test_conditions_hold_for_a_translation_and_its_displacement():
    model = Model()
    plane, t = Plane(model), model.operator(load_assumption("nonexpansive")())
    plane.put(t.displacement, (Q(-1), Q(0)))
    for x in GRID:
        t.known(plane.vector(x), plane.vector((x[0] + 1, x[1])))
    assert plane.check() == []


def test_every_class_has_a_member():
    tried = {name for name, *_ in (*FUNCTIONS, *OPERATORS)} | {"linear"}
    apart = {"ball-convex", "ball-convex-lsc", "sharp-growth", "convex-on-ball", "smooth-above", "online-convex"}
    apart |= {"growth-at-radius", "smooth-workers", "sum-smooth-strongly-convex"}  # about balls, about sums
    apart |= {name for name in assumption_names() if name.startswith("layerwise")}
    assert {name for name in assumption_names() if load_assumption(name).subject != "noise"} - apart <= tried


@pytest.mark.parametrize(
    "member",
    [
        ("convex", {}, line(double_well), GRID, (Q(1), Q(0))),
        ("smooth-convex", {"L": Q(9, 10)}, line(huber), GRID, ORIGIN),
        ("smooth-strongly-convex", {"L": 3, "mu": Q(11, 10)}, quadratic(2, 1, 2), GRID, ORIGIN),
        ("pl", {"L": 1, "mu": Q(1, 6)}, line(bumpy), [*GRID, (Q(3, 2), Q(0))], ORIGIN),
        ("quadratic", {"mu": Q(11, 10), "L": 3}, quadratic(2, 1, 2), GRID, ORIGIN),
        ("weakly-convex", {"rho": Q(9, 10)}, line(double_well), LINE, (Q(1), Q(0))),
        ("bounded-indicator", {"D": 2}, box, INSIDE, ORIGIN),
    ],
    ids=lambda m: m[0],
)
def test_the_conditions_tell_others_apart(member):
    assert function_conditions(*member) != []


def test_the_plane_computes_inner_products():
    model = Model()
    plane = Plane(model)
    x, y = plane.vector((Q(1), Q(2))), plane.vector((Q(3), Q(-1)))
    assert plane(norm2(x - 2 * y).terms) == 41


def test_a_multiple_of_a_norm_is_refused_in_words():
    with pytest.raises(TypeError, match="use squares of norms"):
        function_conditions("sharp-growth", {"s": 1}, ABSOLUTE, GRID, ORIGIN)
