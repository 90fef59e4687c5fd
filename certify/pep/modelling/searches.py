"""Inexact gradients and proximal points, and searches: oracles that every function has as methods, too.

Each supposes in the model what defines its answer, and returns the answer. What cannot be said exactly is relaxed, and
the model notes why.
"""

from __future__ import annotations

from dataclasses import dataclass

from certify.language import inner, norm2
from certify.pep.modelling.expressions import Expression, Point, equal
from certify.pep.modelling.interfaces import FunctionLike, OneFunction
from certify.pep.modelling.ledger import Ledger
from certify.pep.modelling.narrowing import Reached
from certify.pep.modelling.rationals import Number, rational

# -- inexact gradients ---------------------------------------------------------------------------------------


def inexact_gradient(
    f: FunctionLike, x: Point, *, absolute: Number | None = None, relative: Number | None = None
) -> Point:
    """Some d with ‖d − ∇f(x)‖ ≤ ε (absolute) or ‖d − ∇f(x)‖ ≤ ε‖∇f(x)‖ (relative).

    Source: de Klerk, Glineur, Taylor, SIAM J. Optim. 30 (2020).
    """
    if (absolute is None) == (relative is None):
        raise ValueError("give the accuracy of an inexact gradient as absolute=… or as relative=…")
    accuracy = rational(relative if absolute is None else absolute)
    if accuracy < 0:
        raise ValueError(f"the accuracy of an inexact gradient must be nonnegative, not {accuracy}")
    model, g = f.model, f.gradient(x)
    d = model.point(space=f.space)
    size = model.constant(1) if relative is None else norm2(g)
    model.suppose(norm2(d - g) <= size * accuracy**2, name=f"{f.name}:inexact gradient")
    return d


def epsilon_subgradient(f: OneFunction, x: Point, epsilon: Expression | Number) -> Point:
    """Some g with f(z) ≥ f(x) + ⟨g, z − x⟩ − ε for all z, for a convex f.

    That is f(x) + f*(g) − ⟨g, x⟩ ≤ ε, where f*(g) = ⟨g, w⟩ − f(w) for a point w with g ∈ ∂f(w).

    Source: Brøndsted, Rockafellar, Proc. AMS 16 (1965).
    """
    _convex(f, "an ε-subgradient")
    g = f.fresh_gradient()
    w = f.model.point(space=f.space)
    at_w = f.known(w, None, g)
    f.model.suppose(f(x) - at_w.value - inner(g, x - w) <= epsilon, name=f"{f.name}:ε-subgradient")
    return g


# -- gradients of known size -----------------------------------------------------------------------------------


def polyak_gradient(f: FunctionLike, x: Point, ratio: Number) -> Point:
    """∇f(x) at a point x where ‖∇f(x)‖² = ratio · (f(x) − f⋆): the length of a Polyak step γ fixes the ratio.

    Source: Barré, Taylor, d'Aspremont, Complexity guarantees for Polyak steps with momentum (2020).
    """
    g, number = f.gradient(x), rational(ratio)
    if number < 0:
        raise ValueError(f"the ratio of ‖∇f(x)‖² and f(x) − f⋆ must be nonnegative, not {number}")
    f.model.suppose(equal(norm2(g), (f(x) - f.minimum) * number), name=f"{f.name}:Polyak step")
    return g


# -- searches ------------------------------------------------------------------------------------------------


def span_search(f: FunctionLike, x: Point, *directions: Point) -> Point:
    """A minimiser u of f over x + span(directions): exact line search, for one direction.

    Of u it is supposed that ∇f(u) is orthogonal to the directions and to u − x; that u − x lies in their span is
    relaxed. For many methods this loses nothing (Drori, Taylor, Math. Program. 184 (2020)).
    """
    if not directions:
        raise ValueError("a search needs at least one direction")
    model, name = f.model, f"{f.name}:search"
    u = model.point(space=f.space)
    g = f.gradient(u)
    model.suppose(equal(inner(g, u - x), 0), *(equal(inner(g, d), 0) for d in directions), name=name)
    if not f.convex:
        model.suppose(f(u) <= f(x), name=name)
    reached = Reached(name, u, x, directions) if f.convex else None
    model.relax("that a search stays in the span of its directions is relaxed", reached)
    return u


# -- inexact proximal points ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class InexactProx:
    """u ≈ prox_{γf}(x) with primal-dual gap at most `error`, which further conditions bound.

    `subgradient` is in ∂f(u), `dual` ≈ (x − u)/γ is in ∂f(`dual_point`).
    """

    point: Point
    subgradient: Point
    dual: Point
    dual_point: Point
    error: Expression
    model: Ledger

    def within(self, bound: Expression | Number) -> InexactProx:
        """The same, with error ≤ bound."""
        self.model.suppose(self.error <= bound, name="accuracy")
        return self


def inexact_prox(f: OneFunction, x: Point, step: Number, criterion: str = "residual") -> InexactProx:
    """An approximation u of prox_{γf}(x) for a convex f, measured by the gap of a pair (u, v) of the proximal problem
    and its dual: ½‖u − x + γv‖² + γ(f(u) − f(w) − ⟨v, u − w⟩) ≤ error, with v ∈ ∂f(w).

    The `criterion` says which v: ``"gap"``, any (Monteiro, Svaiter, 2013); ``"residual"``, v ∈ ∂f(u), and the gap is
    ½‖u − x + γv‖² (Rockafellar, 1976); ``"subgradient"``, v = (x − u)/γ, an ε-subgradient (Salzo, Villa, 2012).

    Source: Barré, Taylor, Bach, Principled analyses and design of first-order methods with inexact proximal operators
    (2022).
    """
    _convex(f, "an inexact proximal point")
    model, gamma = f.model, rational(step)
    if gamma <= 0:
        raise ValueError(f"the step of a proximal point must be positive, not {gamma}")
    if criterion == "residual":
        g = f.fresh_gradient()
        e = model.point(space=f.space)
        u = x - g * gamma + e
        f.known(u, None, g)
        v, w = g, u
    elif criterion in ("gap", "subgradient"):
        u, w = model.point(space=f.space), model.point(space=f.space)
        g = f.gradient(u)
        v = f.fresh_gradient() if criterion == "gap" else (x - u) / gamma
        f.known(w, None, v)
    else:
        raise ValueError(f"the criterion {criterion!r} is not one of 'gap', 'residual', 'subgradient'")
    error = model.number()
    gap = norm2(u - x + v * gamma) / 2 + gamma * (f(u) - f(w) - inner(v, u - w))
    model.suppose(gap <= error, name=f"{f.name}:inexact prox")
    return InexactProx(u, g, v, w, error, model)


def _convex(f: FunctionLike, what: str) -> None:
    if not f.convex:
        raise ValueError(f"{what} needs a convex function, and the assumptions do not say that {f.name} is convex")
