"""Runs of methods that draw one of n functions in a step, every step compared in the exact mean over the draws.

The functions are quadratics whose curvatures lie between μ and L, often at the ends; each instance has its own
constants, number of functions and parameters, drawn within the theorem's conditions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import torch
from torch import Tensor

from certify.language import Assumption, Method, Scalar, Theorem, pose
from certify.simulate.claims import Claim, Goals, comparisons
from certify.simulate.gathered import Tally, gathered
from certify.simulate.rows import number, plain, rows
from certify.simulate.stateful import INSTANCES, Numbers, derived, drawn_numbers, followed
from certify.simulate.trajectories import Trajectories

SIZES = (1, 2, 4)
"""Numbers of dimensions."""
ROUNDING = 1e-13


@dataclass(frozen=True, eq=False)
class Part:
    """One of the functions, ½⟨x, H x⟩ − ⟨b, x⟩ on B rows, or all n of them. Shapes: H (…, B, d, d), b (…, B, d)."""

    H: Tensor
    b: Tensor
    index: int | None = None

    def _times(self, x: Tensor) -> Tensor:
        return (self.H @ x[..., None])[..., 0]

    def value(self, x: Any) -> Any:
        """f_i(x), shape (…, B, 1)."""
        x = plain(x)
        return rows((x * (self._times(x) / 2 - self.b)).sum(-1, keepdim=True))

    def gradient(self, x: Any) -> Any:
        """∇f_i(x), shape (…, B, d)."""
        return rows(self._times(plain(x)) - self.b)

    def prox(self, x: Any, step: Any) -> Any:
        """prox_{γf_i}(x)."""
        step = float(number(step))
        whole = torch.eye(self.H.shape[-1], dtype=self.H.dtype) + step * self.H
        return rows(torch.linalg.solve(whole, (plain(x) + step * self.b)[..., None])[..., 0])


@dataclass(frozen=True, eq=False)
class Entries:
    """A table: a vector for every function, shape (n, B, d)."""

    whole: Part
    data: Tensor

    def __getitem__(self, f_i: Part) -> Any:
        return rows(self.data[f_i.index])

    def replaced(self, f_i: Part, entry: Any) -> Entries:
        """The table with another entry for one function."""
        data = self.data.clone()
        data[f_i.index] = plain(entry)
        return replace(self, data=data)

    def mean(self, quantity: Callable[[Any, Any], Any] | None = None) -> Any:
        """(1/n)Σ_j φ(f_j, t_j)."""
        found = rows(self.data) if quantity is None else quantity(self.whole, rows(self.data))
        return rows(plain(found).mean(0))

    def total(self, quantity: Callable[[Any, Any], Any]) -> Any:
        """Σ_j φ(f_j, t_j)."""
        return self.mean(quantity) * float(len(self.data))


@dataclass(eq=False)
class Mean:
    """f = (1/n)Σf_i by the names of symbolic functions; `index` is that of the function that the next step draws."""

    whole: Part
    numbers: Mapping[str, float]
    index: int = 0
    minimizer: Any = field(init=False)

    def __post_init__(self) -> None:
        H, b = self.whole.H.mean(0), self.whole.b.mean(0)
        self.minimizer = rows(torch.linalg.solve(H, b[..., None])[..., 0])

    def __getattr__(self, name: str) -> Any:
        if name in self.__dict__.get("numbers", {}):
            return self.numbers[name]
        raise AttributeError(name)

    @property
    def minimum(self) -> Any:
        """f⋆."""
        return self.value(self.minimizer)

    @property
    def drawn(self) -> Part:
        """The function that a step draws."""
        return Part(self.whole.H[self.index], self.whole.b[self.index], self.index)

    def sample(self) -> Part:
        """The function that a step draws."""
        return self.drawn

    def value(self, x: Any) -> Any:
        """f(x)."""
        return rows(plain(self.whole.value(x)).mean(0))

    def gradient(self, x: Any) -> Any:
        """∇f(x)."""
        return rows(plain(self.whole.gradient(x)).mean(0))

    def table(self, entries: Callable[[Any], Any]) -> Entries:
        """A vector for every function."""
        return Entries(self.whole, plain(entries(self.whole)).expand(self.whole.b.shape).clone())


def quadratics(numbers: Mapping[str, float], d: int, count: int, generator: torch.Generator) -> Mean:
    """n functions with curvatures in [μ, L]: at one end for all functions, at the ends by chance, or anywhere."""

    def uniform(*shape: int) -> Tensor:
        return torch.rand(shape, dtype=torch.float64, generator=generator)

    n, low, high = int(numbers["n"]), numbers["mu"], numbers["L"]
    anywhere = uniform(n, count, d)
    share = torch.where(uniform(n, count, 1) < 0.5, anywhere.round(), anywhere)
    same = uniform(1, count, 1)
    share = torch.where(same < 0.25, 0.0, torch.where(same > 0.75, 1.0, share))
    basis = torch.linalg.qr(torch.randn((n, count, d, d), dtype=torch.float64, generator=generator)).Q
    H = (basis * (low + share * (high - low))[..., None, :]) @ basis.mT
    b = torch.randn((n, count, d), dtype=torch.float64, generator=generator) * (uniform(1, count, 1) < 0.8)
    return Mean(Part(H, b), numbers)


FAMILIES = {"sum-smooth-strongly-convex": quadratics}
"""Functions for each assumption on means of functions that are drawn."""


def run_sums(
    method: type[Method],
    assumptions: Sequence[type[Assumption]],
    theorem: Theorem,
    goals: Goals = (),
    values: Mapping[str, Scalar] | None = None,
    *,
    runs: int = 100,
    steps: int = 10,
    seed: int = 0,
    instances: int = INSTANCES,
) -> Trajectories | None:
    """Run the theorem's method on means of functions, `runs` runs for each of `instances` choices of the constants.

    **Returns**: how the runs compare with the theorem; None if no functions are known for the assumptions.
    """
    if len(assumptions) != 1 or assumptions[0].name not in FAMILIES:
        return None
    make = FAMILIES[assumptions[0].name]
    problem = pose(method, assumptions, theorem, values)
    claim = Claim(theorem.variant or method, tuple(assumptions), theorem, tuple(goals), values or {})
    generator = torch.Generator().manual_seed(seed)
    found: list[tuple[str, dict[str, Tensor]]] = []
    for chosen in drawn_numbers(problem, claim, instances, seed):
        floats = {n: float(v) for n, v in chosen.items()}
        own = claim.method(**{s: floats[s] for s in claim.method.parameters()})
        for d in SIZES:
            f = make({s: floats[s] for s in claim.constants}, d, -(-runs // len(SIZES)), generator)
            found.append((make.__name__, _one(claim, chosen, own, f, steps, generator)))
    return gathered(found, steps)


def _one(
    claim: Claim, chosen: Numbers, method: Method, f: Mean, steps: int, generator: torch.Generator
) -> dict[str, Tensor]:
    """All runs on one batch of functions, row by row."""
    n, count, d = f.whole.b.shape
    away = torch.randn((count, d), dtype=torch.float64, generator=generator)
    size = 10 ** (3 * torch.rand((count, 1), dtype=torch.float64, generator=generator) - 2)
    state = method.start(rows(plain(f.minimizer) + size * away), f)
    like = torch.zeros(count, dtype=torch.float64)
    tally = Tally(count)
    noise = ROUNDING * (1 + plain(f.whole.b).square().sum((0, 2)) * (1 + 1 / f.mu))  # what energies can be trusted to
    number_of = derived(claim, chosen)
    for _ in range(steps):
        outcomes, means = [], dict[str, Tensor]()
        for f.index in range(n):
            outcomes.append(method.advance(None, state, f))
            goal: Any = claim.theorem.goal(method, f, state, outcomes[-1])
            if goal.unknown:
                goal = goal.solved(max(map(number, goal.rates)) if number_of is None else number_of)
            for c in comparisons(goal):
                sides = torch.stack([_column(v, like) for v in (c.lhs, c.rhs, c.size)]) / n
                means[c.role] = means.get(c.role, 0) + sides
        for role, sides in means.items():
            tally.compare(role, tuple(sides), noise)
        f.index = int(torch.randint(n, (), generator=generator))
        state = followed(outcomes[f.index], generator, like)
    return tally.data()


def _column(value: Any, like: Tensor) -> Tensor:
    """A number for each row."""
    found = plain(torch.as_tensor(number(value), dtype=torch.float64))
    return (found[..., 0] if found.ndim else found).expand(len(like))
