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

from certify.simulate import searches
from certify.simulate.combination import Combinable, OracleSum
from certify.simulate.combination import column as _column
from certify.simulate.combination import plain_data as _data
from certify.simulate.functions import UnsupportedOracle
from certify.simulate.rows import Rows, plain, rows

POLYAK = 1e-11
"""Relative: a Polyak step has the length that was asked for."""
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
    def satisfies(self) -> frozenset[str]:
        """The names of assumptions that hold."""
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


class Oracle(Combinable):
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
        generator: torch.Generator | None = None,
    ) -> None:
        self.function, self.constants, self.noise, self._vectors = function, dict(constants), noise, vectors
        self._generator = generator or torch.Generator(function.minimizer.device).manual_seed(0)
        self._tilted = slope is not None and bool(slope.any())
        star = function.minimizer if minimizer is None else minimizer
        self._minimizer = vectors(star)
        self._slope = vectors(torch.zeros_like(star) if slope is None else slope)
        self._known: deque[_Known] = deque(maxlen=REMEMBERED)
        self._drawn: tuple[Any, Rows] | None = None
        local = {"M", "mu"} <= self.constants.keys() and "M" not in function.constants
        self._steepest = _column(self.constants["M"]) if local else None
        """A bound on subgradients at the points visited, where the function as a whole has none."""
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
            slope = self.function.subgradient(known.data)
            if self._steepest is not None:
                self._stop(slope.norm(dim=1, keepdim=True) > self._steepest)
            known.slope = self._vectors(slope)
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
        drawn, possible = self.noise(torch.zeros_like(plain(x)))
        self._stop(~possible)
        return rows(self.function.prox(plain(x) - γ * drawn, γ))

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

    # -- oracles that need more than one look -----------------------------------------------------------

    def span_search(self, x: Any, *directions: Any) -> Any:
        """argmin f over x + span(directions): exact line search, for one direction."""
        return self.known_point(searches.span_search(self.function, _data(x), [_data(d) for d in directions]))

    def inexact_gradient(self, x: Any, *, absolute: Any = None, relative: Any = None) -> Any:
        """d with ‖d − ∇f(x)‖ = ε, or = ε‖∇f(x)‖."""
        g = _data(self.gradient(x))
        size = _column(relative) * g.norm(dim=1, keepdim=True) if absolute is None else _column(absolute)
        return self._vectors(searches.erred(g, size, self._generator))

    def epsilon_subgradient(self, x: Any, epsilon: Any) -> Any:
        """g with f(z) ≥ f(x) + ⟨g, z − x⟩ − ε for all z, for a convex f."""
        if "convex" not in self.function.satisfies:
            raise UnsupportedOracle(f"{self.function.name} is not convex and has no ε-subgradients")
        found = searches.epsilon_subgradient(self.function, _data(x), _column(epsilon), self._generator)
        return self._vectors(found)

    def inexact_prox(self, x: Any, step: Any, criterion: str = "residual") -> searches.InexactProx:
        """u ≈ prox_{γf}(x), with an error of which `within` says how large it may be."""
        return searches.inexact_prox(self, x, _column(step), criterion, self._generator)

    def polyak_gradient(self, x: Any, ratio: Any) -> Any:
        """∇f(x), in rows where ‖∇f(x)‖² = ratio · (f(x) − f⋆); the others are stopped."""
        g = self.gradient(x)
        wanted = _column(ratio) * plain(self.value(x) - self.minimum)
        size = _data(g).square().sum(1, keepdim=True)
        self._stop(~((size - wanted).abs() <= POLYAK * wanted))
        return g

    def shifted_minimizer(self, slope: Any, name: str = "") -> Any:
        """argmin f(z) − ⟨slope, z⟩; over a set, the point that is furthest along the slope."""
        direct = getattr(self.function, "furthest", None)
        if direct is not None:
            return self.known_point(direct(_data(slope)), _data(slope))
        if not bool(_data(slope).any()):
            return self.minimizer
        return OracleSum(*self.terms).shifted_minimizer(slope)

    def impose(self, x: Any, slope: Any) -> None:
        """Suppose that the slope is in ∂f(x): at x⋆, where it must be the one known."""
        OracleSum(*self.terms).impose(x, slope)

    @property
    def slope(self) -> Any:
        """The subgradient at x⋆."""
        return self._slope

    def known_point(self, data: Tensor, slope: Tensor | None = None) -> Any:
        """A point, with a subgradient that is known there."""
        point = self._vectors(data)
        known = self._at(point)
        if slope is not None:
            known.slope = self._vectors(slope)
        return point

    def _stop(self, where: Tensor) -> None:
        self.stopped = where if self.stopped is None else self.stopped | where

    def _at(self, x: Any) -> _Known:
        for known in reversed(self._known):
            if known.point is x:
                return known
        known = _Known(x, _data(x))
        self._known.append(known)
        return known
