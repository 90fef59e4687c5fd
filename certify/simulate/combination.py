"""Linear combinations of functions, as declarations make them: sums of roles, and references of Bregman steps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import torch
from torch import Tensor

from certify.simulate.functions import Quadratic, UnsupportedOracle
from certify.simulate.rows import number, plain

DOUBLINGS = 60
HALVINGS = 110
"""Until the bracket has no number between its ends any more, as a rule."""


class Combinable:
    """What can be added, subtracted and multiplied with numbers: `terms` are pairs of an oracle and its weight."""

    @property
    def terms(self) -> tuple[tuple[Any, Any], ...]:
        """An oracle by itself."""
        return ((self, Fraction(1)),)

    def __add__(self, other: Any) -> OracleSum:
        return OracleSum(*self.terms, *terms_of(other))

    def __sub__(self, other: Any) -> OracleSum:
        return self + -1 * OracleSum(*terms_of(other))

    def __mul__(self, factor: Any) -> OracleSum:
        return OracleSum(*((f, w * factor) for f, w in self.terms))

    __rmul__ = __mul__

    def __truediv__(self, divisor: Any) -> OracleSum:
        return OracleSum(*((f, w / divisor) for f, w in self.terms))


class OracleSum(Combinable):
    """Σ wᵢ fᵢ for oracles fᵢ; the minimiser of the sum of all roles is the x⋆ that all of them speak about."""

    def __init__(self, *terms: tuple[Any, Any]) -> None:
        self._terms = terms

    @property
    def terms(self) -> tuple[tuple[Any, Any], ...]:
        """The functions with their weights."""
        return self._terms

    @property
    def minimizer(self) -> Any:
        """x⋆. **Raises:** UnsupportedOracle if it is the minimiser of another sum."""
        if any(w <= 0 for _, w in self.terms) and not self._least_there():
            raise UnsupportedOracle("the minimiser of a difference of test functions is not known")
        total = sum(float(w) * plain_data(f.slope) for f, w in self.terms)
        if bool(torch.as_tensor(total).any()):
            raise UnsupportedOracle("the minimiser that was drawn is that of the sum of all functions, not of some")
        return self.terms[0][0].shared_minimizer

    def _least_there(self) -> bool:
        """Whether these are quadratics with eigenvectors and minimisers in common, and F has no negative eigenvalue."""
        found = [(f.function, float(w)) for f, w in self.terms]
        if not all(isinstance(f, Quadratic) for f, _ in found):
            return False
        data = [f.parameters for f, _ in found]
        alike = all(torch.equal(p[n], data[0][n]) for p in data for n in ("basis", "minimizer"))
        total = torch.stack([w * f.parameters["spectrum"] for f, w in found]).sum(0) if alike else -torch.ones(1)
        return bool((total >= 0).all())

    @property
    def minimum(self) -> Any:
        """F⋆, the value at x⋆."""
        return self.value(self.minimizer)

    def value(self, x: Any) -> Any:
        """The sum of the values."""
        return self._total(lambda f: f.value(x))

    __call__ = value

    def gradient(self, x: Any) -> Any:
        """The sum of the gradients."""
        return self._total(lambda f: f.gradient(x))

    def subgradient(self, x: Any) -> Any:
        """The sum of the subgradients."""
        return self._total(lambda f: f.subgradient(x))

    def shifted_minimizer(self, slope: Any, name: str = "") -> Any:
        """u = argmin F(z) − ⟨slope, z⟩ for functions that are sums over coordinates, and for all in one dimension.

        Rows in which there is none are stopped. **Raises:** UnsupportedOracle for other functions.
        """
        first = self.terms[0][0]
        target = plain_data(slope)
        if len(self.terms) == 1 and isinstance(first.function, Quadratic) and float(self.terms[0][1]) > 0:
            moved, known = first.function.where_slope(target / float(self.terms[0][1]))
            first._stop(~known)
            return first.known_point(moved)
        if target.shape[1] > 1 and not all(separable(f.function) for f, _ in self.terms):
            raise UnsupportedOracle("Bregman steps are taken on functions that are sums over coordinates only")
        if any(w <= 0 for _, w in self.terms):
            raise UnsupportedOracle("a Bregman step needs a sum of functions with positive weights")
        weights = [(f.function, float(w)) for f, w in self.terms]

        def excess(z: Tensor) -> Tensor:
            return torch.stack([w * f.subgradient(z) for f, w in weights]).sum(0) - target

        u, found = _crossing(excess, plain_data(first.shared_minimizer))
        first._stop(~found)
        return first.known_point(u)

    def impose(self, x: Any, slope: Any) -> None:
        """Suppose that the slope is in ∂F(x): at x⋆, where it must be the one known."""
        known = sum(float(w) * plain_data(f.slope) for f, w in self.terms)
        if x is not self.terms[0][0].shared_minimizer or bool((plain_data(slope) - known).any()):
            raise UnsupportedOracle("the functions are not known to have this slope at the solution")

    def _total(self, of: Callable[[Any], Any]) -> Any:
        parts = [of(f) if w == 1 else w * of(f) for f, w in self.terms]
        return sum(parts[1:], parts[0])


def terms_of(other: Any) -> Iterator[tuple[Any, Any]]:
    """The functions of a sum with their weights, or one function."""
    yield from other.terms if isinstance(other, Combinable) else ((other, Fraction(1)),)


def separable(function: Any) -> bool:
    """Whether a test function is a sum over coordinates, whatever it was multiplied with."""
    inner = function
    while hasattr(inner, "function"):
        inner = inner.function
    return bool(getattr(inner, "separable", False))


def _crossing(excess: Callable[[Tensor], Tensor], near: Tensor) -> tuple[Tensor, Tensor]:
    """Coordinate by coordinate the point where an increasing function crosses 0, and whether (B, 1) there is one."""
    width = torch.ones_like(near)
    low, high = near - width, near + width
    for _ in range(DOUBLINGS):
        left, right = excess(low) > 0, excess(high) < 0
        if not bool((left | right).any()):
            break
        width = 2 * width
        low, high = torch.where(left, low - width, low), torch.where(right, high + width, high)
    found = ~(left | right)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if bool(((middle <= low) | (middle >= high)).all()):
            break
        above = excess(middle) > 0
        low, high = torch.where(above, low, middle), torch.where(above, middle, high)
    return torch.where(found, (low + high) / 2, near), found.all(1, keepdim=True)


def plain_data(x: Any) -> Tensor:
    """The tensor (B, d) of a vector."""
    return plain(x) if isinstance(x, Tensor) else x.data


def column(size: Any) -> Any:
    """A step or radius as a float or a tensor (B, 1)."""
    size = number(size)
    return plain(size) if isinstance(size, Tensor) else float(size)
