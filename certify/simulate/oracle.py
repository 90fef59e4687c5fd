"""A batch of test functions as the `f` of a declaration, for long runs: it forgets what no step needs any more.

`Recorded` remembers every answer, which theorems about a step need; here the last few do, so that thousands of steps
take no more memory than one.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import Tensor

from certify.simulate.functions import UnsupportedOracle
from certify.simulate.rows import Rows, plain, rows

REMEMBERED = 8
"""Answers that stay known: a subgradient that was said at a point is said again, whatever else there would be."""

Noise = Callable[[Tensor], tuple[Tensor, Tensor]]
"""From gradients (B, d) to stochastic ones, and where (B, 1) there are any of that kind."""


class BatchFunction(Protocol):
    """What runs need of a batch of functions; `certify.simulate.functions.TestFunction` says what the words mean."""

    @property
    def name(self) -> str:
        """The family."""
        ...

    @property
    def oracles(self) -> frozenset[str]:
        """What there is besides the value."""
        ...

    @property
    def constants(self) -> Mapping[str, Tensor]:
        """Constants of the classes, (B, 1) each."""
        ...

    @property
    def parameters(self) -> Mapping[str, Tensor]:
        """All data, batch first."""
        ...

    @property
    def minimizer(self) -> Tensor:
        """x⋆, (B, d)."""
        ...

    @property
    def minimum(self) -> Tensor:
        """f⋆, (B, 1)."""
        ...

    def value(self, x: Tensor) -> Tensor:
        """f(x)."""
        ...

    def subgradient(self, x: Tensor) -> Tensor:
        """An element of ∂f(x)."""
        ...

    def prox(self, x: Tensor, gamma: Any) -> Tensor:
        """prox_{γf}(x)."""
        ...

    def brox(self, x: Tensor, t: Any) -> tuple[Tensor, Tensor]:
        """The ball-prox and its subgradient."""
        ...

    def accepts_radius(self, t: Any) -> Tensor:
        """Where a claimed ball-convexity holds for this radius."""
        ...

    def take(self, rows: Tensor) -> Any:
        """Some of the functions."""
        ...

    def to(self, device: Any) -> Any:
        """The same functions elsewhere."""
        ...


@dataclass(slots=True)
class _Known:
    """What was said about f at one point; `data` is always the same object for the same point."""

    point: Any
    data: Tensor
    value: Rows | None = None
    slope: Any = None


class Oracle:
    """Oracle calls on rows (B, d); `constants` are read as ``f.L``, exact where all rows share them.

    `minimizer` is the x⋆ to speak about and `slope` the subgradient there, 0 for a function by itself; `vectors` makes
    a tensor (B, d) the kind of vector that declarations get, with the tensor as its `data`.
    """

    def __init__(
        self,
        function: BatchFunction,
        constants: Mapping[str, Any],
        *,
        minimizer: Tensor | None = None,
        slope: Tensor | None = None,
        noise: Noise | None = None,
        vectors: Callable[[Tensor], Any] = rows,
    ) -> None:
        self.function, self.constants, self.noise, self._vectors = function, dict(constants), noise, vectors
        self._tilted = slope is not None and bool(slope.any())
        star = function.minimizer if minimizer is None else minimizer
        self._minimizer = vectors(star)
        self._slope = vectors(torch.zeros_like(star) if slope is None else slope)
        self._known: deque[_Known] = deque(maxlen=REMEMBERED)
        self._drawn: tuple[Any, Rows] | None = None
        self.stopped: Tensor | None = None
        """The rows (B, 1) of which theorems do not speak any more: a ball-prox step has reached a minimiser or had no
        certificate, or there is no noise of the kind that is assumed. None: in none."""

    def __getattr__(self, name: str) -> Any:
        constants = self.__dict__.get("constants", {})
        if name in constants:
            return constants[name]
        raise AttributeError(
            f"runs on test functions offer no {name!r}; known constants: {', '.join(constants) or 'none'}"
        )

    @property
    def minimizer(self) -> Any:
        """x⋆. **Raises:** UnsupportedOracle if that is a minimiser of a sum, and not of this function."""
        if self._tilted:
            raise UnsupportedOracle(f"{self.function.name} is one of several functions that share no minimiser")
        return self._minimizer

    @property
    def shared_minimizer(self) -> Any:
        """The minimiser of the sum that this function is part of."""
        return self._minimizer

    @property
    def minimum(self) -> Rows:
        """f⋆."""
        return rows(self.function.minimum)

    def value(self, x: Any) -> Rows:
        """f(x), (B, 1)."""
        known = self._at(x)
        if known.value is None:
            known.value = rows(self.function.value(known.data))
        return known.value

    __call__ = value

    def subgradient(self, x: Any) -> Any:
        """Some g ∈ ∂f(x), (B, d): the one known at this point, if there is one."""
        if x is self._minimizer:
            return self._slope
        known = self._at(x)
        if known.slope is None:
            known.slope = self._vectors(self.function.subgradient(known.data))
        return known.slope

    def gradient(self, x: Any) -> Any:
        """∇f(x). **Raises:** UnsupportedOracle where f is not differentiable."""
        if "gradient" not in self.function.oracles:
            raise UnsupportedOracle(f"{self.function.name} is not differentiable")
        return self.subgradient(x)

    def stochastic_gradient(self, x: Any) -> Rows:
        """∇f(x) with noise, drawn anew at every call."""
        if self.noise is None:
            raise UnsupportedOracle("stochastic gradients need an assumption on their noise")
        drawn, possible = self.noise(plain(self.subgradient(x)))
        self._stop(~possible)
        self._drawn = (x, rows(drawn))
        return self._drawn[1]

    biased_gradient = stochastic_gradient

    def drawn_at(self, x: Any) -> Rows:
        """The stochastic gradient that was drawn last, which must be one at x."""
        if self._drawn is None or self._drawn[0] is not x:
            raise UnsupportedOracle("no stochastic gradient was drawn at this point")
        return self._drawn[1]

    def stochastic_prox(self, x: Any, step: Any) -> Rows:
        """prox_{γf_i}(x) for f_i = f + ⟨v, ·⟩, v the noise at a gradient of 0, drawn anew at every call."""
        if self.noise is None:
            raise UnsupportedOracle("stochastic steps need an assumption on their noise")
        γ = _column(step)
        return rows(self.function.prox(plain(x) - γ * self.noise(torch.zeros_like(plain(x))), γ))

    def prox(self, x: Any, step: Any) -> Any:
        """u = prox_{γf}(x), with (x − u)/γ known in ∂f(u)."""
        u = self._vectors(self.function.prox(_data(x), _column(step)))
        self._at(u).slope = (x - u) / step
        return u

    def brox(self, x: Any, radius: Any) -> Any:
        """u ∈ brox_t f(x), with its g = c (x − u) known in ∂f(u)."""
        u, g = self.function.brox(_data(x), _column(radius))
        self._stop(~((g != 0).any(1, keepdim=True) & g.isfinite().all(1, keepdim=True)))
        self._stop(~self.function.accepts_radius(_column(radius)))
        u = self._vectors(u)
        self._at(u).slope = self._vectors(g)
        return u

    def __add__(self, other: Oracle | OracleSum) -> OracleSum:
        return OracleSum((self, *(other.parts if isinstance(other, OracleSum) else (other,))))

    def _stop(self, where: Tensor) -> None:
        self.stopped = where if self.stopped is None else self.stopped | where

    def _at(self, x: Any) -> _Known:
        for known in reversed(self._known):
            if known.point is x:
                return known
        known = _Known(x, _data(x))
        self._known.append(known)
        return known


class OracleSum:
    """The sum of the functions of several roles, whose minimiser is the x⋆ that all of them speak about."""

    def __init__(self, parts: tuple[Oracle, ...]) -> None:
        self.parts = parts

    def __add__(self, other: Oracle | OracleSum) -> OracleSum:
        return OracleSum((*self.parts, *(other.parts if isinstance(other, OracleSum) else (other,))))

    @property
    def minimizer(self) -> Any:
        """x⋆."""
        return self.parts[0].shared_minimizer

    def value(self, x: Any) -> Any:
        """The sum of the values."""
        total = self.parts[0].value(x)
        for part in self.parts[1:]:
            total = total + part.value(x)
        return total

    __call__ = value


def _column(size: Any) -> Any:
    """A step or radius as a float or a tensor (B, 1)."""
    return plain(size) if isinstance(size, Tensor) else float(size)


def _data(x: Any) -> Tensor:
    """The tensor (B, d) of a vector."""
    return plain(x) if isinstance(x, Tensor) else x.data
