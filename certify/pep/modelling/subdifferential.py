"""∂f as an operator: inclusions 0 ∈ A(z) + ∂f(z), such as variational inequalities with constraints."""

from __future__ import annotations

from certify.pep.engine.problem import ONE
from certify.pep.modelling.expressions import Point
from certify.pep.modelling.operators import OperatorCalculus
from certify.pep.modelling.rationals import Number
from certify.pep.modelling.sums import Calculus


class Subdifferential(OperatorCalculus):
    """∂f of a function or sum of functions; its conditions are those of f."""

    def __init__(self, of: Calculus) -> None:
        self.function = of
        self.model, self.space, self.into = of.model, of.space, of.space
        self.name = f"∂{of.name}" if len(of.terms) == 1 else f"∂({of.name})"
        self.terms = {self: ONE}

    def __repr__(self) -> str:
        return self.name

    def __call__(self, x: Point, *, fresh: bool = False) -> Point:
        """g ∈ ∂f(x), the one recorded at x if there is one, unless a `fresh` one is wanted."""
        return self.function.subgradient(x, fresh=fresh)

    def resolvent(self, x: Point, step: Number) -> Point:
        """(I + γ∂f)⁻¹ x = prox_{γf}(x)."""
        return self.function.prox(x, step)

    def known(self, x: Point, output: Point, *, label: str = "") -> None:
        """Suppose that `output` ∈ ∂f(x)."""
        self.function.impose(x, output)


def subdifferential(of: Calculus) -> Subdifferential:
    """∂f, the same object whenever it is asked for."""
    return of.model.shared(("subdifferential", frozenset(of.terms.items())), lambda: Subdifferential(of))
