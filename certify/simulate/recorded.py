"""A concrete function as the `f` of a declaration: oracle calls on tensors or numbers, remembered.

It answers the calls that `certify.language.oracles` answers with symbols, so that a method's step
and a theorem's goal run unchanged on batches of test functions and on exact functions of the line.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

Constants = Mapping[str, Any]


class NoOracle(AttributeError):
    """Neither an oracle that concrete functions offer nor a constant of the class."""


@dataclass(slots=True)
class _Evaluation:
    """What has been asked about f at one point; keeping the point keeps its identity unique."""

    point: Any
    value: Any = None
    subgradient: Any = None


class Recorded:
    """A function with a memory: what an oracle once said at a point is what it says again.

    **Arguments**

    - `function`: a batch of test functions (points are tensors (B, d), values (B, 1)) or a
      `PiecewiseQuadratic` (points and values are rational numbers).
    - `constants`: the constants of its class, read as ``f.L``, ``f.mu``, ``f.M``.
    - `minimizer`: the x⋆ to speak about; by default the one that the function declares.

    `radii` are the radii of all ball-prox calls so far.
    """

    def __init__(self, function: Any, constants: Constants, *, minimizer: Any = None) -> None:
        self.function = function
        self.constants = dict(constants)
        self.radii: list[Any] = []
        self._batched = hasattr(function, "oracles")
        self._minimizer = minimizer
        self._minimum: Any = None
        self._evaluations: dict[int, _Evaluation] = {}
        self.noise: Callable[[Any], Any] | None = None
        """What a stochastic gradient is, given the gradient; set by whoever knows the noise."""
        self.sampled: list[Any] = []
        """The points at which stochastic gradients were asked for."""
        self._masks: list[Any] = []
        self.method: Any = None
        """The method that runs, for measures that are weighted with its steps."""

    def __getattr__(self, name: str) -> Any:
        constants = self.__dict__.get("constants", {})
        if name in constants:
            return constants[name]
        known = ", ".join(constants) or "none"
        raise NoOracle(f"the assumptions give f no constant {name!r} (they give: {known})")

    @property
    def minimum(self) -> Any:
        """f⋆; `ValueError` if f is unbounded below."""
        if self._minimum is None:
            self._minimum = self._lifted(self.function.minimum) if self._batched else self.function.minimum()
        return self._minimum

    @property
    def minimizer(self) -> Any:
        """x⋆, with the subgradient 0."""
        if self._minimizer is None:
            own = self.function.minimizer
            self._minimizer = self._lifted(own) if self._batched else own()
        star = self._evaluations.setdefault(id(self._minimizer), _Evaluation(self._minimizer))
        star.subgradient = 0 * self._minimizer
        return self._minimizer

    # -- oracles -----------------------------------------------------------------------------

    def value(self, x: Any) -> Any:
        """f(x)."""
        evaluation = self._at(x)
        if evaluation.value is None:
            evaluation.value = self._lifted(self.function.value(self._bare(x)))
        return evaluation.value

    def subgradient(self, x: Any) -> Any:
        """Some g ∈ ∂f(x): the one recorded at x, if there is one."""
        return self._slope(x, self.function.subgradient)

    def gradient(self, x: Any) -> Any:
        """∇f(x); the function must be differentiable."""
        if not self._batched:
            return self._slope(x, self.function.gradient)
        if "gradient" not in self.function.oracles:
            from certify.simulate.functions import UnsupportedOracle

            raise UnsupportedOracle(f"{self.function.name} is not differentiable")
        return self._slope(x, self.function.subgradient)

    def stochastic_gradient(self, x: Any) -> Any:
        """A random vector with mean ∇f(x), for the outcome that `noise` stands for."""
        if self.noise is None:
            raise TypeError("no noise was given to this function")
        self.sampled.append(x)
        return self._lifted(self.noise(self.subgradient(x)))

    biased_gradient = stochastic_gradient

    def stochastic_prox(self, x: Any, step: Any) -> Any:
        """prox_{γf_i}(x) for f_i = f + ⟨v, ·⟩, where v is the noise at a gradient of 0."""
        if self.noise is None:
            raise TypeError("no noise was given to this function")
        self.sampled.append(x)
        step = self._usable(step)
        return self.function.prox(x - step * self.noise(0 * x), step)

    def prox(self, x: Any, step: Any) -> Any:
        """u = prox_{γf}(x), which records (x − u)/γ ∈ ∂f(u)."""
        step = self._usable(step)
        u = self._lifted(self.function.prox(self._bare(x), self._bare(step)))
        self._evaluations[id(u)] = _Evaluation(u, subgradient=(x - u) / step)
        return u

    def brox(self, x: Any, radius: Any) -> Any:
        """u ∈ brox_t f(x), which records its g = c (x − u), c ≥ 0."""
        radius = self._usable(radius)
        u, g = map(self._lifted, self.function.brox(self._bare(x), self._bare(radius)))
        self._evaluations[id(u)] = _Evaluation(u, subgradient=g)
        self.radii.append(radius)
        if self._batched:
            slope = self._bare(g.data)
            moving = (slope != 0).any(-1, keepdim=True) & slope.isfinite().all(-1, keepdim=True)
            self._masks.append(moving & self.function.accepts_radius(self._bare(radius)))
        else:
            self._masks.append(g != 0)
        return u

    def lmo(self, g: Any, alpha: Any = 1, b: Any = 1) -> Any:
        """The direction of the space's linear minimisation oracle, or of one of quality (α, b)."""
        return self._lifted(self.function.lmo(g, alpha, b))

    def total(self, quantity: Any) -> Any:
        """Σᵢ over the layers of the space."""
        return self.function.total(quantity) if hasattr(self.function, "total") else self._number(quantity)

    def largest(self, quantity: Any) -> Any:
        """The largest value among the layers of the space."""
        return self.function.largest(quantity) if hasattr(self.function, "largest") else self._number(quantity)

    def _number(self, quantity: Any) -> Any:
        """An integer as a fraction in exact runs, where its quotients must be exact as well."""
        return Fraction(quantity) if isinstance(quantity, int) and not self._batched else quantity

    def energy(self, v: Any) -> Any:
        """‖vᵢ‖₂² of every layer."""
        return self.function.space.inner(v, v)

    def length(self, quantity: Any) -> Any:
        """(Σᵢ quantityᵢ²)^½ over the layers of the space."""
        return self.total(quantity**2) ** 0.5

    # -- what the calls were worth -----------------------------------------------------------

    @property
    def calls(self) -> int:
        """A mark in time for `active`."""
        return len(self._masks)

    def active(self, since: int = 0) -> Any:
        """Where theorems speak, a bool or mask (B, 1): no ball-prox call after the mark `since` has
        reached a minimiser (g = 0) or has no certificate, and all steps and radii were positive."""
        result: Any = True
        for mask in self._masks[since:]:
            result = result & mask
        return result

    def _at(self, x: Any) -> _Evaluation:
        found = self._evaluations.get(id(x))
        if found is None:
            same = None if self._batched else self._equal(x)
            found = _Evaluation(x, same.value, same.subgradient) if same else _Evaluation(x)
            self._evaluations[id(x)] = found
        return found

    def _equal(self, x: Any) -> _Evaluation | None:
        """The latest record at the same number with a subgradient, for exact points."""
        found = (e for e in reversed(self._evaluations.values()) if e.point == x)
        return next((e for e in found if e.subgradient is not None), None)

    def _slope(self, x: Any, oracle: Any) -> Any:
        evaluation = self._at(x)
        if evaluation.subgradient is None:
            evaluation.subgradient = self._lifted(oracle(self._bare(x)))
        return evaluation.subgradient

    def _lifted(self, found: Any) -> Any:
        """Tensors that take exact coefficients; numbers as they are."""
        if not self._batched:
            return found
        from certify.simulate.rows import lifted

        return lifted(found)

    def _bare(self, x: Any) -> Any:
        """What oracles compute with: they need no exact coefficients, and plain tensors are faster."""
        if not self._batched:
            return x
        from certify.simulate.rows import bare

        return bare(x)

    def _usable(self, size: Any) -> Any:
        """A step or radius; rows in which it is not a positive number get 1 and leave `active`."""
        if not hasattr(size, "ndim"):
            return size
        usable = (size > 0) & size.isfinite()
        self._masks.append(usable)
        return size.where(usable, 1.0)
