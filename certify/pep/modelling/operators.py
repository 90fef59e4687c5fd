"""Operators of a worst-case problem: what is known of A are pairs (x, u) with u ∈ A(x). Operators are not functions.

Operators add up too: ``A + B`` can be evaluated and has zeros.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

from flint import fmpq

from certify.assumptions.linear import Linear
from certify.assumptions.nonexpansive import Nonexpansive
from certify.assumptions.skew_linear import SkewLinear
from certify.assumptions.symmetric_linear import SymmetricLinear
from certify.language import Assumption, Evaluation
from certify.language.oracles import MINIMIZER
from certify.pep.engine.problem import ONE
from certify.pep.modelling.expressions import MixedModels, Point, Space
from certify.pep.modelling.ledger import Ledger
from certify.pep.modelling.narrowing import Narrowing
from certify.pep.modelling.rationals import Number, rational
from certify.pep.modelling.records import Records
from certify.pep.modelling.turned import turned


class OperatorCalculus:
    """Oracles and arithmetic of a linear combination Σ cᵢ Aᵢ of operators, or of one operator (1 · A)."""

    model: Ledger
    space: Space
    into: Space
    terms: dict[Operator, fmpq]

    def __call__(self, x: Point, *, fresh: bool = False) -> Point:
        """u ∈ A(x), the one recorded at x if there is one, unless a `fresh` one is wanted."""
        return sum((c * a(x, fresh=fresh) for a, c in self.terms.items()), self.model.zero(self.into))

    def preimage(self, output: Point, name: str = "") -> Point:
        """A fresh point x with output ∈ A(x)."""
        point = self.model.point(name, space=self.space)
        if name:
            self.model.label(point, name.removeprefix("x"))
        (*others, (last, weight)) = self.terms.items()
        for a, c in others:
            output = output - c * a(point)
        last.known(point, output / weight)
        return point

    @property
    def zero(self) -> Point:
        """x⋆ with 0 ∈ A(x⋆), the same for all multiples of A; using it asserts that there is one."""
        scale = min(self.terms.items(), key=lambda item: item[0].name)[1]
        key = ("zero", frozenset((a, c / scale) for a, c in self.terms.items()))
        return self.model.shared(key, lambda: self.preimage(self.model.zero(self.into), f"x{MINIMIZER}"))

    def __add__(self, other: OperatorCalculus) -> OperatorSum:
        if not isinstance(other, OperatorCalculus):
            hint = " (for an inclusion write A + f.subdifferential)" if hasattr(other, "minimizer") else ""
            raise TypeError(f"an operator and {other!r} cannot be added{hint}")
        if other.model is not self.model or (other.space, other.into) != (self.space, self.into):
            raise MixedModels("operators of two different spaces or models were added")
        terms = dict(self.terms)
        for a, c in other.terms.items():
            terms[a] = terms[a] + c if a in terms else c
        return OperatorSum(self.model, self.space, {a: c for a, c in terms.items() if c})

    def __neg__(self) -> OperatorSum:
        return self * -1

    def __sub__(self, other: OperatorCalculus) -> OperatorSum:
        return self + (-other)

    def __mul__(self, factor: Number) -> OperatorSum:
        if isinstance(factor, OperatorCalculus | Point):
            raise TypeError("an operator can be multiplied by a number only; A(x) is its value at x")
        number = rational(factor)
        return OperatorSum(self.model, self.space, {a: c * number for a, c in self.terms.items() if number})

    __rmul__ = __mul__

    def __truediv__(self, divisor: Number) -> OperatorSum:
        return self * (1 / rational(divisor))


class Operator(Records, OperatorCalculus):
    """An operator of the classes `assumptions`; ``A(x)`` is an element of A at x."""

    kind = "an operator"
    foreigners = ("functions", "smooth-convex")
    foreign = frozenset({"value", "gradient", "subgradient", "prox", "minimizer", "minimum", "brox", "span_search"})

    def __init__(
        self, model: Ledger, assumptions: tuple[Assumption, ...], name: str, space: Space, into: Space
    ) -> None:
        super().__init__(model, assumptions, name, space)
        self.into = into
        self.terms = {self: ONE}
        self._found: dict[Point, Evaluation] = {}

    def __call__(self, x: Point, *, fresh: bool = False) -> Point:
        """u ∈ A(x), the one recorded at x if there is one, unless a `fresh` one is wanted."""
        self._belongs(x)
        if x in self._found and not (fresh and not self.single_valued):
            return self._found[x].output
        label = self._label(self.model.label_of(x))
        return self.known(x, self.model.point(f"{self.name}({label})", space=self.into), label=label).output

    @cached_property
    def single_valued(self) -> bool:
        """Whether one of the assumptions leaves only one value at each point."""
        return any(a.differentiable for a in self.assumptions)

    def resolvent(self, x: Point, step: Number) -> Point:
        """J_{γA}(x) = (I + γA)⁻¹ x: u = x − γ a with a ∈ A(u)."""
        label = self._label(None)
        output = self.model.point(f"{self.name}({label})", space=self.space)
        point = x - output * rational(step)
        self.known(point, output, label=label)
        return point

    @property
    def fixed_point(self) -> Point:
        """x⋆ with x⋆ ∈ A(x⋆), always the same; using it asserts that there is one."""
        if "_fixed" not in self.__dict__:
            point = self.model.point(f"x{MINIMIZER}", space=self.space)
            self.known(point, point, label=MINIMIZER)
            self._fixed = point
        return self._fixed

    @cached_property
    def displacement(self) -> Point:
        """The infimal displacement vector of a nonexpansive operator T: the shortest limit of x − T(x).

        It is 0 if T has a fixed point; T is supposed to have one only if `fixed_point` is used.
        """
        if not any(isinstance(a, Nonexpansive) for a in self.assumptions):
            raise TypeError(f"the displacement of {self.name} is not known: it is not supposed to be nonexpansive")
        return self.model.point(f"displacement of {self.name}", space=self.space)

    @cached_property
    def adjoint(self) -> Any:
        """Aᵀ of a linear operator: ⟨A x, u⟩ = ⟨x, Aᵀ u⟩; its values take part in the conditions of A.

        A itself if A is symmetric, −A if it is skew, else an operator of its own.
        """
        kinds = {type(a) for a in self.assumptions}
        if SymmetricLinear in kinds:
            return self
        if SkewLinear in kinds:
            return -self
        if Linear not in kinds:
            raise TypeError(f"{self.name} has no adjoint: it is not linear")
        other = Operator(self.model, (), f"{self.name}ᵀ", self.into, self.space)
        other.__dict__["adjoint"] = self
        return other

    def narrowing(self) -> Narrowing | None:
        """Multiples of rotations, where all assumptions are conditions on pairs of points."""
        same = self.into is self.space is self.model.space
        return turned(self.name, self.evaluations, tuple(self.named())) if same else None

    def known(self, x: Point, output: Point, *, label: str = "") -> Evaluation:
        """Record that `output` ∈ A(x): how new oracles are built."""
        self._belongs(x)
        if not isinstance(output, Point) or output.space is not self.into:
            raise TypeError(f"{self.name} does not map into the space of {output!r}")
        evaluation = self._record(
            Evaluation(x, self._label(label or self.model.label_of(x)), self.model.constant(0), output)
        )
        self._found.setdefault(x, evaluation)
        return evaluation


class OperatorSum(OperatorCalculus):
    """Σ cᵢ Aᵢ."""

    def __init__(self, model: Ledger, space: Space, terms: dict[Operator, fmpq]) -> None:
        if not terms:
            raise ValueError("the operator 0 has no oracles; leave it out")
        self.model = model
        self.space = space
        self.into = next(iter(terms)).into
        self.terms = terms

    def __repr__(self) -> str:
        return " + ".join(a.name if c == 1 else f"{c}·{a.name}" for a, c in self.terms.items())
