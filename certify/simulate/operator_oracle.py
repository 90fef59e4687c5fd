"""A batch of operators as a declaration sees them: elements, resolvents, zeros, fixed points and adjoints."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import torch
from torch import Tensor

from certify.simulate.combination import column, plain_data
from certify.simulate.functions import UnsupportedOracle
from certify.simulate.rows import rows

REMEMBERED = 8
"""Elements that stay known: what was said to be in A(x) is said again."""


class OperatorOracle:
    """Oracle calls on rows (B, d); `constants` are read as ``A.L``.

    `star` is the x⋆ to speak about, with `slope` ∈ A(x⋆): 0 for an operator by itself.
    """

    stopped: Tensor | None = None

    def __init__(
        self,
        operator: Any,
        constants: Mapping[str, Any],
        *,
        star: Tensor | None = None,
        slope: Tensor | None = None,
        vectors: Callable[[Tensor], Any] = rows,
    ) -> None:
        self.operator, self.constants, self._vectors = operator, dict(constants), vectors
        star = operator.minimizer if star is None else star
        self._alone = slope is None or not bool(slope.any())
        self._star = vectors(star)
        self._slope = vectors(torch.zeros_like(star) if slope is None else slope)
        self._known: deque[tuple[Any, Any]] = deque(maxlen=REMEMBERED)

    def __getattr__(self, name: str) -> Any:
        constants = self.__dict__.get("constants", {})
        if name in constants:
            return constants[name]
        raise AttributeError(
            f"runs on test operators offer no {name!r}; known constants: {', '.join(constants) or 'none'}"
        )

    def __call__(self, x: Any) -> Any:
        """An element of A(x), (B, d): the one known at this point, if there is one."""
        if x is self._star:
            return self._slope
        for point, element in reversed(self._known):
            if point is x:
                return element
        return self._remember(x, self._vectors(self.operator.value(plain_data(x))))

    def resolvent(self, x: Any, step: Any) -> Any:
        """u = J_{γA}(x), with (x − u)/γ known in A(u)."""
        if "resolvent" not in self.operator.oracles:
            raise UnsupportedOracle(f"{self.operator.name} has no resolvent")
        u = self._vectors(self.operator.resolvent(plain_data(x), column(step)))
        self._remember(u, (x - u) / step)
        return u

    @property
    def zero(self) -> Any:
        """x⋆ with 0 ∈ A(x⋆). **Raises:** UnsupportedOracle if that is a zero of a sum, and not of this operator."""
        if not self._alone:
            raise UnsupportedOracle(f"{self.operator.name} is one of several operators that share no zero")
        return self._star

    fixed_point = zero
    """0 is mapped to 0 by every test operator."""

    @property
    def shared_minimizer(self) -> Any:
        """The zero of the sum that this operator is part of."""
        return self._star

    @property
    def slope(self) -> Any:
        """The element of A(x⋆) that the sum's zero is made of."""
        return self._slope

    @property
    def adjoint(self) -> OperatorOracle:
        """Aᵀ of a linear operator."""
        if "adjoint" not in self.operator.oracles:
            raise UnsupportedOracle(f"{self.operator.name} is not linear and has no adjoint")
        return OperatorOracle(self.operator.adjoint, self.constants, vectors=self._vectors)

    @property
    def space(self) -> None:
        """All spaces are R^d."""
        return None

    @property
    def model(self) -> Any:
        """What a declaration asks for a solution that it describes: the point is x⋆, which is known."""
        return SimpleNamespace(point=lambda name="", space=None: self._star)

    def __add__(self, other: Any) -> OperatorSum:
        return OperatorSum((self, *(other.parts if isinstance(other, OperatorSum) else (other,))))

    def _remember(self, x: Any, element: Any) -> Any:
        self._known.append((x, element))
        return element


class OperatorSum:
    """The sum of the operators of several roles."""

    def __init__(self, parts: tuple[OperatorOracle, ...]) -> None:
        self.parts = parts

    def __add__(self, other: Any) -> OperatorSum:
        return OperatorSum((*self.parts, *(other.parts if isinstance(other, OperatorSum) else (other,))))

    def __call__(self, x: Any) -> Any:
        """An element of the sum at x."""
        total = self.parts[0](x)
        for part in self.parts[1:]:
            total = total + part(x)
        return total

    @property
    def zero(self) -> Any:
        """x⋆. **Raises:** UnsupportedOracle if it is a zero of other sums only."""
        return shared(self.parts)


def shared(parts: tuple[Any, ...]) -> Any:
    """The x⋆ of functions or operators whose slopes there add up to 0. **Raises:** UnsupportedOracle."""
    total = sum(plain_data(part.slope) for part in parts[1:]) + plain_data(parts[0].slope)
    if bool(total.any()):
        raise UnsupportedOracle("the solution that was drawn is that of the sum of all roles, and not of some of them")
    return parts[0].shared_minimizer
