"""Parameters of methods and assumptions: a name, a domain, and the value bound to it (a symbol by default)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar

from certify.language.scalar import Scalar


@dataclass(frozen=True, slots=True)
class Parameter:
    """A declared quantity: ``step_size = Positive("gamma", "step size")``.

    On an instance the attribute is the bound value: a `Scalar` (symbol or formula), a rational number, or a
    tensor of shape (B, 1); unbound parameters are symbols.
    """

    symbol: str
    meaning: str = ""
    strict: bool = True
    each: bool = False
    """Whether there is one number for every layer of the space, so that it varies under a sum over layers."""
    changing: bool = False
    """Whether there may be another number in every step (γ_k), so that no bound may speak of it as one number."""

    def __get__(self, owner: Any, kind: type | None = None) -> Any:
        if owner is None:
            return self
        values = owner.values
        return values[self.symbol] if self.symbol in values else Scalar.variable(self.symbol)


class Positive(Parameter):
    """A quantity > 0."""

    __slots__ = ()


class NonNegative(Parameter):
    """A quantity ≥ 0."""

    __slots__ = ()

    def __init__(self, symbol: str, meaning: str = "", *, each: bool = False) -> None:
        super().__init__(symbol, meaning, strict=False, each=each)


class Share(Parameter):
    """A quantity in (0, 1), or in [0, 1) if `strict` is False."""

    __slots__ = ()


class Count(Parameter):
    """A whole number ≥ 1."""

    __slots__ = ()


class Horizon(Count):
    """The total number of steps N, for methods whose coefficients depend on it; bound to N when they are run."""

    __slots__ = ()


class Blocks(Count):
    """The number of blocks that the coordinates of the space fall into, for methods that move along one of them."""

    __slots__ = ()


@cache
def _declared(kind: type[Parametrised]) -> dict[str, Parameter]:
    """What a class and its bases declare; runs ask for it in every step, and a class does not change."""
    members = (value for base in reversed(kind.__mro__) for value in vars(base).values())
    return {value.symbol: value for value in members if isinstance(value, Parameter)}


class Parametrised:
    """Anything with parameters: bind values by symbol, ``GradientDescent(gamma=Fraction(1, 2))``."""

    name: ClassVar[str] = ""

    def __init__(self, **values: Any) -> None:
        known = self.parameters()
        for symbol in values:
            if symbol not in known:
                raise TypeError(f"{self.name} has no parameter {symbol!r}; it has {', '.join(known) or 'none'}")
        self.values: dict[str, Any] = dict(values)

    def domain(self) -> Iterator[Any]:
        """Relations between parameters: those of assumptions hold strictly, such as L > μ, those of methods as said."""
        return iter(())

    @classmethod
    def parameters(cls) -> dict[str, Parameter]:
        """Declared parameters by symbol, in the order of declaration, those of base classes first."""
        return dict(_declared(cls))

    def changing(self) -> tuple[str, ...]:
        """The symbols that may stand for another number in every step; one that was bound to a value does not."""
        return tuple(s for s, p in self.parameters().items() if p.changing and s not in self.values)

    def value_of(self, parameter: Parameter) -> Any:
        """The bound value, or the symbol."""
        return parameter.__get__(self)
