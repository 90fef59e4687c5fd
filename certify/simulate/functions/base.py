"""The contract of a batch of test functions: what it can compute and what is true of it.

A test function knows a minimiser, its minimum, the assumptions it satisfies and the constants they
hold with, all by construction; a trajectory that breaks a proved bound on it is a counterexample.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar, NoReturn, Self

import torch
from torch import Tensor

from certify.simulate.functions._rows import as_column

ORACLES = frozenset({"value", "gradient", "subgradient", "prox", "brox"})
BALL_CONVEX = frozenset({"ball-convex", "ball-convex-lsc"})
CONVEX = BALL_CONVEX | {"convex"}
SMOOTH_CONVEX = CONVEX | {"smooth", "smooth-convex"}
LIPSCHITZ_CONVEX = CONVEX | {"lipschitz-convex"}
STRONGLY_CONVEX = CONVEX | {"strongly-convex"}
SMOOTH_STRONGLY_CONVEX = SMOOTH_CONVEX | {"strongly-convex", "smooth-strongly-convex", "pl"}
SHARP_LIPSCHITZ_CONVEX = LIPSCHITZ_CONVEX | {"sharp-growth"}
ASSUMPTIONS = SMOOTH_STRONGLY_CONVEX | SHARP_LIPSCHITZ_CONVEX | {"quadratic"}


class UnsupportedOracle(NotImplementedError):
    """The function has no tractable oracle of the kind that was asked for."""


class TestFunction(ABC):
    """B functions on Rᵈ, one per row; concrete families take batch-first keyword tensors only.

    **Attributes**

    - `name`: the family, e.g. `"quadratic"`.
    - `oracles`: which of `ORACLES` exist; the others raise `UnsupportedOracle`.
    - `may_satisfy`: every assumption that some member of the family satisfies.
    - `satisfies`: the assumptions that all rows of this batch satisfy, a subset of `ASSUMPTIONS`:
      `smooth` (f is L-smooth, perhaps nonconvex), `pl` (‖∇f‖² ≥ 2μ(f − f*)), `lipschitz-convex`
      (constant M), `ball-convex` (continuous, and the ball-prox has the certificate g described
      at `brox` for every radius that `accepts_radius`), `ball-convex-lsc` (the same with lower
      semicontinuity only), `convex`, `strongly-convex`, `smooth-convex`, `smooth-strongly-convex`.
      `sharp-growth` (f(x) ≥ f* + s‖x − x*‖).
    - `constants`: a subset of `L`, `mu`, `M`, `s`, each (B, 1).
    - `minimizer`: (B, d), one x* in argmin f; `minimum`: (B, 1), f* = f(x*).
    - `parameters`: the constructor's arguments, so that rows can be taken, moved and saved.
    - `stretchable`: those which may be multiplied by any positive numbers, entry by entry: the constructor knows what
      is true of the result, and derivatives pass through it.
    """

    __test__: ClassVar[bool] = False

    name: ClassVar[str]
    oracles: ClassVar[frozenset[str]]
    may_satisfy: ClassVar[frozenset[str]]
    satisfies: frozenset[str]
    constants: Mapping[str, Tensor]
    minimizer: Tensor
    minimum: Tensor
    parameters: Mapping[str, Tensor]
    stretchable: ClassVar[frozenset[str]] = frozenset()

    @classmethod
    @abstractmethod
    def sample(cls, *, batch: int, dimension: int, generator: torch.Generator) -> list[Self]:
        """Random batches of the family, deterministic in `generator`; may be empty."""

    @abstractmethod
    def value(self, x: Tensor) -> Tensor:
        """f(x), shape (B, 1), for x of shape (B, d)."""

    def subgradient(self, x: Tensor) -> Tensor:
        """An element of ∂f(x), shape (B, d): the gradient wherever f is differentiable.

        A family that lists the oracle and has no formula gets the derivative of Σ f over the rows: one backward pass.
        """
        if "subgradient" not in self.oracles:
            self._refuse("subgradient")
        with torch.enable_grad():
            at = x.detach().requires_grad_()
            (slope,) = torch.autograd.grad(self.value(at).sum(), at)
        return slope

    def prox(self, x: Tensor, gamma: Tensor | float) -> Tensor:
        """argmin_z f(z) + ‖z − x‖²/(2γ), shape (B, d), for 0 < γ < ∞ of shape (B, 1) or a float."""
        self._refuse("prox")

    def brox(self, x: Tensor, t: Tensor | float) -> tuple[Tensor, Tensor]:
        """The ball-prox u ∈ argmin{f(z) : ‖z − x‖ ≤ t} and its certificate g, both (B, d).

        g = c (x − u) with c ≥ 0, and f(y) ≥ f(u) + ⟨g, y − u⟩ for every y. Where the ball contains
        a minimiser, u is the one nearest to x and g = 0. Rows of a nonconvex function in which no
        such g exists (possible only where `accepts_radius` is False) hold NaN in g.
        """
        self._refuse("brox")

    def accepts_radius(self, t: Tensor | float) -> Tensor:
        """Whether a claimed ball-convexity holds for the radius t; boolean, shape (B, 1)."""
        return as_column(t, like=self.minimizer, name="t") > 0

    def nearest_minimizer(self, x: Tensor) -> Tensor:
        """The projection of x onto argmin f, shape (B, d)."""
        return self.minimizer.expand_as(x)

    def take(self, rows: Tensor) -> Self:
        """The functions in the given rows (an index or boolean tensor), as a batch of its own."""
        return type(self)(**{key: value[rows] for key, value in self.parameters.items()})

    def to(self, device: torch.device | str) -> Self:
        """The same functions on another device."""
        return type(self)(**{key: value.to(device) for key, value in self.parameters.items()})

    def _refuse(self, oracle: str) -> NoReturn:
        offered = ", ".join(sorted(self.oracles))
        raise UnsupportedOracle(f"{self.name} has no {oracle} oracle; it offers: {offered}")
