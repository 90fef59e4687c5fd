"""Operators that runs work on, each of which knows by construction what is true of it.

Normal matrices (a rotation and a factor in every plane) belong to a class exactly where their eigenvalues lie in a
region of the complex plane, whose edge is drawn most often. Gradients and reflections of convex functions are the
operators that are not linear. All of them map 0 to 0, so that 0 is a zero and a fixed point.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import pi
from typing import Any

import torch
from torch import Tensor

from certify.assumptions.convex import Convex
from certify.assumptions.smooth_convex import SmoothConvex
from certify.assumptions.smooth_strongly_convex import SmoothStronglyConvex
from certify.assumptions.strongly_convex import StronglyConvex
from certify.language import Assumption
from certify.simulate.functions import UnsupportedOracle
from certify.simulate.functions._random import normal, orthogonal, uniform
from certify.simulate.functions._rows import apply, as_column

Constants = Mapping[str, float]
POOL = 4000
"""Eigenvalues that are drawn before those outside the region are left out."""
TOLERANCE = 1e-12
"""Relative: an eigenvalue on the edge of its region."""


class NormalOperator:
    """A(x) = Q D Qᵀ x with D made of plane rotations times factors: the eigenvalues are λ and their conjugates.

    **Arguments**: `basis` Q (B, d, d) orthogonal; `eigenvalues` λ (B, ⌈d/2⌉) complex, the last real if d is odd.
    """

    name = "normal-operator"
    oracles = frozenset({"value", "resolvent", "adjoint"})

    def __init__(self, *, basis: Tensor, eigenvalues: Tensor) -> None:
        self.parameters = {"basis": basis, "eigenvalues": eigenvalues}
        self.minimizer = torch.zeros_like(basis[..., 0])

    def value(self, x: Tensor) -> Tensor:
        """A(x)."""
        return self._times(x, self.parameters["eigenvalues"])

    def resolvent(self, x: Tensor, gamma: Tensor | float) -> Tensor:
        """(I + γA)⁻¹ x."""
        return self._times(x, 1 / (1 + as_column(gamma, like=x, name="gamma") * self.parameters["eigenvalues"]))

    @cached_property
    def adjoint(self) -> NormalOperator:
        """Aᵀ."""
        return NormalOperator(basis=self.parameters["basis"], eigenvalues=self.parameters["eigenvalues"].conj())

    def take(self, rows: Tensor) -> NormalOperator:
        """Some of the operators."""
        return NormalOperator(**{n: v[rows] for n, v in self.parameters.items()})

    def to(self, device: torch.device | str) -> NormalOperator:
        """The same operators on another device."""
        return NormalOperator(**{n: v.to(device) for n, v in self.parameters.items()})

    def _times(self, x: Tensor, factors: Tensor) -> Tensor:
        """Q φ(D) Qᵀ x for the values φ(λ)."""
        basis = self.parameters["basis"]
        y = torch.nn.functional.pad(apply(basis.mT, x), (0, x.shape[1] % 2))
        turned = torch.view_as_complex(y.unflatten(1, (-1, 2)).contiguous()) * factors
        return apply(basis, torch.view_as_real(turned).flatten(1)[:, : x.shape[1]])


class LinearMap:
    """A(x) = U diag(s) Vᵀ x with singular values s ≥ 0: what is known of it is its norm, max s."""

    name = "linear-map"
    oracles = frozenset({"value", "adjoint"})

    def __init__(self, *, matrix: Tensor) -> None:
        self.parameters = {"matrix": matrix}
        self.minimizer = torch.zeros_like(matrix[..., 0])

    def value(self, x: Tensor) -> Tensor:
        """A(x)."""
        return apply(self.parameters["matrix"], x)

    def resolvent(self, x: Tensor, gamma: Tensor | float) -> Tensor:
        """There is none: A need not be monotone."""
        raise UnsupportedOracle("a linear map need not be monotone, so that it has no resolvent")

    @cached_property
    def adjoint(self) -> LinearMap:
        """Aᵀ."""
        return LinearMap(matrix=self.parameters["matrix"].mT)

    def take(self, rows: Tensor) -> LinearMap:
        """Some of the maps."""
        return LinearMap(matrix=self.parameters["matrix"][rows])

    def to(self, device: torch.device | str) -> LinearMap:
        """The same maps on another device."""
        return LinearMap(matrix=self.parameters["matrix"].to(device))


class OfFunction:
    """A(x) = a x + b ∂f(x) for a convex f with minimiser 0; b > 0 for a = 0.

    The subdifferential itself for a = 0, b = 1; a(x − 2θ∇f(x)) is a-Lipschitz if f is 1-smooth and 0 ≤ θ ≤ 1.
    """

    def __init__(self, function: Any, identity: float = 0.0, factor: float = 1.0) -> None:
        self.function, self.identity, self.factor = function, identity, factor
        self.name = f"{'reflection' if identity else 'subdifferential'} of {function.name}"
        self.oracles = frozenset({"value"} | ({"resolvent"} if not identity else set()))
        self.parameters: Mapping[str, Tensor] = function.parameters
        self.minimizer: Tensor = function.minimizer

    def value(self, x: Tensor) -> Tensor:
        """An element of A(x)."""
        return self.identity * x + self.factor * self.function.subgradient(x)

    def resolvent(self, x: Tensor, gamma: Tensor | float) -> Tensor:
        """prox_{γbf}(x)."""
        if self.identity:
            raise UnsupportedOracle(f"a {self.name} has no resolvent here")
        return self.function.prox(x, gamma * self.factor)

    @property
    def adjoint(self) -> Any:
        """There is none."""
        raise UnsupportedOracle(f"a {self.name} is not linear and has no adjoint")

    def take(self, rows: Tensor) -> OfFunction:
        """Some of the operators."""
        return OfFunction(self.function.take(rows), self.identity, self.factor)

    def to(self, device: torch.device | str) -> OfFunction:
        """The same operators on another device."""
        return OfFunction(self.function.to(device), self.identity, self.factor)


class Shifted:
    """A(x) + c for c (B, d): of the same class as A, unless that speaks of linear maps or of fixed points."""

    def __init__(self, operator: Any, slope: Tensor) -> None:
        self.operator, self.slope = operator, slope
        self.name: str = operator.name
        self.oracles = operator.oracles - {"adjoint"}
        self.parameters = {**operator.parameters, "slope": slope}
        self.minimizer: Tensor = operator.minimizer

    def value(self, x: Tensor) -> Tensor:
        """A(x) + c."""
        return self.operator.value(x) + self.slope

    def resolvent(self, x: Tensor, gamma: Tensor | float) -> Tensor:
        """J_{γA}(x − γc)."""
        return self.operator.resolvent(x - as_column(gamma, like=x, name="gamma") * self.slope, gamma)

    @property
    def adjoint(self) -> Any:
        """There is none."""
        raise UnsupportedOracle(f"a shifted {self.name} is not linear and has no adjoint")

    def take(self, rows: Tensor) -> Shifted:
        """Some of the operators."""
        return Shifted(self.operator.take(rows), self.slope[rows])

    def to(self, device: torch.device | str) -> Shifted:
        """The same operators on another device."""
        return Shifted(self.operator.to(device), self.slope.to(device))


OPERATORS = (NormalOperator, LinearMap, OfFunction, Shifted)


# --- which eigenvalues belong to a class ------------------------------------------------------------------


@dataclass(frozen=True)
class Region:
    """Eigenvalues of the normal operators of a class: `inside` is at least 0 there; `edge` maps [0, 1] to its edge."""

    inside: Callable[[Tensor, Constants], Tensor]
    edge: Callable[[Tensor, Constants], Tensor]


def _turn(u: Tensor) -> Tensor:
    return torch.polar(torch.ones_like(u), 2 * pi * u)


def _upright(u: Tensor) -> Tensor:
    """i r with |r| over four decades, or 0."""
    return torch.complex(torch.zeros_like(u), (10 ** (8 * (2 * u % 1) - 4)) * torch.where(u < 0.5, 1.0, -1.0))


def _real(u: Tensor) -> Tensor:
    return torch.complex(u, torch.zeros_like(u))


REGIONS: Mapping[str, Region] = {
    "monotone": Region(lambda z, c: z.real, lambda u, c: _upright(u)),
    "strongly-monotone": Region(lambda z, c: z.real / c["mu"] - 1, lambda u, c: c["mu"] + _upright(u)),
    "lipschitz": Region(lambda z, c: 1 - z.abs() / c["L"], lambda u, c: c["L"] * _turn(u)),
    "linear": Region(lambda z, c: 1 - z.abs() / c["L"], lambda u, c: c["L"] * _turn(u)),
    "nonexpansive": Region(lambda z, c: 1 - z.abs(), lambda u, c: _turn(u)),
    "cocoercive": Region(
        lambda z, c: 1 - (2 * c["beta"] * z - 1).abs(), lambda u, c: (1 + _turn(u)) / (2 * c["beta"])
    ),
    "comonotone": Region(
        lambda z, c: (2 * c["rho"] * z + 1).abs() - 1, lambda u, c: (_turn(u) - 1) / (2 * c["rho"])
    ),
    "symmetric-linear": Region(
        lambda z, c: torch.minimum(torch.minimum(z.real - c["mu"], c["L"] - z.real), -z.imag.abs()),
        lambda u, c: _real(c["mu"] + (c["L"] - c["mu"]) * u.round()),
    ),
    "skew-linear": Region(
        lambda z, c: torch.minimum(c["L"] - z.imag.abs(), -z.real.abs()),
        lambda u, c: torch.complex(torch.zeros_like(u), c["L"] * (2 * u.round() - 1)),
    ),
}  # fmt: skip
BOTH = frozenset({"lipschitz-monotone", "lipschitz-strongly-monotone", "cocoercive-strongly-monotone"})
"""Classes that are what the classes that they imply have in common."""


def is_operator(assumption: type[Assumption]) -> bool:
    """Whether an assumption is about operators."""
    return assumption.subject == "operator"


def members(
    kinds: Sequence[type[Assumption]],
    constants: Mapping[str, Any],
    *,
    rows: int,
    dimension: int,
    generator: torch.Generator,
    of_functions: Callable[[type[Assumption], Constants], Iterator[Any]],
) -> Iterator[Any]:
    """Batches of `rows` operators on R^dimension that satisfy all the assumptions with these constants.

    **Arguments**: `of_functions` yields test functions of a class, for subdifferentials and reflections.
    """
    numbers = {n: float(v) for n, v in constants.items()}
    names = {a.name for kind in kinds for a in kind.closure()} - BOTH
    if not names <= REGIONS.keys():
        return
    if "linear" in {k.name for k in kinds} and len(kinds) == 1:
        yield _maps(numbers["L"], rows, dimension, generator)
    regions = [REGIONS[n] for n in sorted(names)]
    for edge in (True, False):
        found = _normal(regions, numbers, rows, dimension, generator, edge)
        if found is not None:
            yield found
    if len(kinds) == 1:
        yield from _of_functions(kinds[0].name, numbers, of_functions)


def _maps(norm: float, rows: int, dimension: int, generator: torch.Generator) -> LinearMap:
    """Of singular values between 0 and the norm, which is attained; in half of the rows all of them are equal."""
    left, right = (orthogonal(rows, dimension, generator=generator) for _ in range(2))
    s = uniform(0, 1, rows, dimension, generator=generator)
    s = torch.where(uniform(0, 1, rows, 1, generator=generator) < 0.5, 1.0, s)
    s[:, 0] = 1
    return LinearMap(matrix=norm * (left * s[:, None, :]) @ right.mT)


def _normal(
    regions: Sequence[Region],
    constants: Constants,
    rows: int,
    dimension: int,
    generator: torch.Generator,
    edge: bool,
) -> NormalOperator | None:
    """Eigenvalues on the edge of what the regions have in common, or anywhere in it; None if there are none."""

    def pool(candidates: Tensor) -> Tensor:
        good = [region.inside(candidates, constants) >= -TOLERANCE for region in regions]
        return candidates[torch.stack(good).all(0)]

    share = POOL // len(regions)
    edges = [r.edge(uniform(0, 1, share, generator=generator), constants) for r in regions]
    ends = torch.cat([r.edge(torch.linspace(0, 1, 5, dtype=torch.float64), constants) for r in regions])
    plane = pool(torch.cat([*edges, ends.repeat(20)]))
    sizes = 10 ** uniform(-3, 3, POOL, generator=generator)
    free = torch.complex(normal(POOL, generator=generator), normal(POOL, generator=generator))
    if not edge and len(plane):
        mixed = plane[torch.randint(len(plane), (2, POOL), generator=generator)]
        t = uniform(0, 1, POOL, generator=generator)
        plane = pool(torch.cat([mixed[0] * t + mixed[1] * (1 - t), sizes * free]))
    line = pool(torch.cat([_real(ends.real.repeat(20)), _real(sizes), _real(-sizes)]))
    pairs, odd = dimension // 2, dimension % 2
    if (pairs and not len(plane)) or (odd and not len(line)):
        return None
    parts = [part[torch.randint(len(part), (rows, n), generator=generator)] for part, n in ((plane, pairs), (line, odd)) if n]  # noqa: E501  # fmt: skip
    return NormalOperator(basis=orthogonal(rows, dimension, generator=generator), eigenvalues=torch.cat(parts, 1))


def _of_functions(
    name: str, c: Constants, of_functions: Callable[[type[Assumption], Constants], Iterator[Any]]
) -> Iterator[OfFunction]:
    """Subdifferentials and reflections of the class."""
    match name:
        case "monotone":
            yield from map(OfFunction, of_functions(Convex, {}))
        case "strongly-monotone":
            yield from map(OfFunction, of_functions(StronglyConvex, {"mu": c["mu"]}))
        case "lipschitz-monotone":
            yield from map(OfFunction, of_functions(SmoothConvex, {"L": c["L"]}))
        case "lipschitz-strongly-monotone":
            yield from map(OfFunction, of_functions(SmoothStronglyConvex, c))
        case "cocoercive":
            yield from map(OfFunction, of_functions(SmoothConvex, {"L": 1 / c["beta"]}))
        case "cocoercive-strongly-monotone":
            yield from map(OfFunction, of_functions(SmoothStronglyConvex, {"L": 1 / c["beta"], "mu": c["mu"]}))
        case "nonexpansive" | "lipschitz":
            L = c.get("L", 1.0)
            for turn, f in enumerate(of_functions(SmoothConvex, {"L": 1.0})):
                yield OfFunction(f, L, -2 * L * (1.0, 0.5)[turn % 2])
