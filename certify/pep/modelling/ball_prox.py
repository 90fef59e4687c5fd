"""The ball-proximal step u = argmin{f(z) : ‖z − x‖ ≤ t}, whose optimality condition is not linear in a Gram matrix.

Off the minimisers u lies on the sphere, ‖x − u‖ = t, and the gradient points outwards: g = c (x − u) ∈ ∂f(u) for some
multiplier c > 0 that depends on the function. For a given number c all of this is linear, hence exact. For unknown c it
is relaxed to ‖x − u‖ = t, ⟨g, x − u⟩ ≥ 0 and, as g/c is a subgradient of f/c, ⟨x − u, x⋆ − u⟩ ≤ 0. `lift` adds what
follows from all other conditions when they are multiplied by c.

Source: Gruntkowska, Li, Rane, Richtárik, The ball-proximal (= "broximal") point method (2025).
"""

from __future__ import annotations

from dataclasses import dataclass

from certify.language import Semidefinite, norm2
from certify.pep.engine.problem import ONE, Terms
from certify.pep.modelling.expressions import Expression, Point, equal
from certify.pep.modelling.interfaces import OneFunction
from certify.pep.modelling.ledger import Ledger
from certify.pep.modelling.rationals import Number, rational

STEPS = "ball-prox steps"
Points = list[Point]
Numbers = list[Expression]


@dataclass(frozen=True)
class BallProx:
    """A step of unknown multiplier: g = c · step."""

    gradient: Point
    step: Point
    label: str


def ball_prox(f: OneFunction, x: Point, radius: Number, multiplier: Number | None = None) -> Point:
    """brox_t f(x), with everything about it supposed in the model."""
    model, t = f.model, rational(radius)
    if t <= 0:
        raise ValueError(f"the radius of a ball-prox must be positive, not {t}")
    if not f.convex:
        raise ValueError(f"the ball-prox of {f.name} need not lie on the sphere: {f.name} is not known to be convex")
    g = f.fresh_gradient()
    if multiplier is not None:
        c = rational(multiplier)
        if c <= 0:
            raise ValueError(f"the multiplier of a ball-prox must be positive, not {c}")
        point = x - g / c
        label = f.known(point, None, g).label
        model.suppose(equal(norm2(x - point), t * t), name=f"{f.name}:sphere[{label}]")
        return point
    point = model.point(space=f.space)
    label = f.known(point, None, g).label
    step = x - point
    model.suppose(equal(norm2(step), t * t), name=f"{f.name}:sphere[{label}]")
    model.suppose(step @ g >= 0, name=f"{f.name}:outwards[{label}]")
    model.suppose(step @ (f.minimizer - point) <= 0, name=f"{f.name}:halfspace[{label}]")
    model.relax(f"that the gradient of {f.name} at a ball-prox is parallel to the step is relaxed")
    model.shared(STEPS, list).append(BallProx(g, step, f"{f.name}:{label}"))
    return point


def lift(model: Ledger) -> None:
    """Multiply all conditions of the model by the multiplier c of each ball-prox step; call it last, after `maximise`.

    The products are new quantities: c·(function values), and the Gram matrix of shadows √c v of all vectors v, so that
    g = c (x − u) becomes linear: ⟨g, v⟩ = ⟨√c (x − u), √c v⟩ for every v. Each step adds a copy of the problem, which
    is tighter (the relaxation of Sherali, Adams, SIAM J. Discrete Math. 3 (1990)).
    """
    if any(home is not model.space for home in model.homes):
        raise ValueError("a model can be lifted once, and only if it has no second space")
    problem = model.problem()
    for step in model.shared(STEPS, list):
        space, c = model.new_space(), model.number(f"c [{step.label}]")
        shadows = [model.point(f"√c·{name} [{step.label}]", space=space) for name in problem.vectors]
        products = [model.number(f"c·{name} [{step.label}]") for name in problem.values]

        def times_c(
            terms: Terms, c: Expression = c, shadows: Points = shadows, products: Numbers = products
        ) -> Expression:
            of = {1: lambda key: products[key[0]], 2: lambda key: shadows[key[0]] @ shadows[key[1]], 0: lambda key: c}
            return sum((of[len(key)](key) * factor for key, factor in terms.items()), model.constant(0))

        name = f"c [{step.label}] · "
        model.suppose(c >= 0, name=f"{name}1")
        for row in problem.inequalities:
            model.suppose(times_c(row.terms) >= 0, name=name + row.name)
        for row in problem.equations:
            model.suppose(equal(times_c(row.terms), 0), name=name + row.name)
        for matrix in problem.matrices:
            rows = tuple(tuple(times_c(terms) for terms in row) for row in matrix.rows)
            model.suppose(Semidefinite(rows), name=name + matrix.name)
        shadow = sum((a * shadows[i] for i, a in step.step.coefficients.items()), model.zero(space))
        for i, v in enumerate(shadows):
            parallel = equal(step.gradient @ Point(model.space, {i: ONE}), shadow @ v)
            model.suppose(parallel, name=f"parallel [{step.label}][{problem.vectors[i]}]")
