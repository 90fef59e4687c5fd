"""Runs of methods with workers, every step compared with the theorem.

The functions of the workers are quadratics, of which only the mean need be convex, and waves that add up to nothing or
to a wave; each instance has its own constants and parameters, drawn within the theorem's conditions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from certify.language import Assumption, Method, Scalar, Theorem, norm, pose
from certify.simulate.claims import Claim, comparisons
from certify.simulate.gathered import Tally, gathered
from certify.simulate.rows import number, plain, rows
from certify.simulate.stateful import INSTANCES, drawn_numbers
from certify.simulate.trajectories import Trajectories

SIZES = ((1, 1), (2, 1), (3, 2), (5, 4))
"""Numbers of workers and of dimensions."""
ROUNDING = 1e-12


@dataclass(frozen=True)
class Fleet:
    """f_i(x) = ½⟨x, H_i x⟩ − ⟨b_i, x⟩ + c_i (1 − cos⟨q, x⟩) on B rows.

    Shapes: H (n, B, d, d), b (n, B, d), c (n, B, 1) and q (B, d), of length 1.

    `numbers` are the constants of the class; `minimum` is at most f(x) everywhere, and equal to it at `minimizer` if
    the waves add up to nothing.
    """

    H: Tensor
    b: Tensor
    c: Tensor
    q: Tensor
    numbers: Mapping[str, float]
    generator: torch.Generator

    def __getattr__(self, name: str) -> Any:
        if name in self.__dict__.get("numbers", {}):
            return self.numbers[name]
        raise AttributeError(name)

    @property
    def minimizer(self) -> Any:
        """The minimiser of the mean of the quadratics."""
        return rows(torch.linalg.solve(self.H.mean(0), self.b.mean(0)[..., None])[..., 0])

    @property
    def minimum(self) -> Any:
        """The least value of the mean of the quadratics."""
        return rows(-(self.b.mean(0) * plain(self.minimizer)).sum(-1, keepdim=True) / 2)

    def value(self, x: Any) -> Any:
        """f(x), the mean."""
        x = plain(x)
        curved = (x * (self.H @ x[..., None])[..., 0]).sum(-1, keepdim=True) / 2
        waves = self.c * (1 - (self.q * x).sum(-1, keepdim=True).cos())
        return rows((curved - (self.b * x).sum(-1, keepdim=True) + waves).mean(0))

    def gradient(self, x: Any) -> Any:
        """∇f(x), the mean."""
        return rows(plain(self.gradients(x)).mean(0))

    def lmo(self, g: Any) -> Any:
        """−g/‖g‖, or 0."""
        size = plain(norm(g))
        return rows(torch.where(size > 0, -plain(g) / torch.where(size > 0, size, 1.0), 0.0))

    @property
    def workers(self) -> Fleet:
        """The workers of a symbolic function, by the same names."""
        return self

    def gradients(self, x: Any) -> Any:
        """∇f_i(x), (n, B, d)."""
        x = plain(x)
        waves = self.c * (self.q * x).sum(-1, keepdim=True).sin() * self.q
        return rows((self.H @ x[..., None])[..., 0] - self.b + waves)

    def average(self, held: Any) -> Any:
        """The mean over the workers."""
        return rows(plain(held).mean(0))

    def moved(self, held: Any, goal: Any, share: Any) -> Any:
        """held + share · (goal − held)."""
        return held + share * (goal - held)

    def within(self, radius: Any) -> Any:
        """Vectors of length at most `radius`, half of them of just that length."""
        v = torch.randn(self.b.shape, dtype=self.b.dtype, generator=self.generator)
        length = 2 * torch.rand((*self.b.shape[:-1], 1), dtype=self.b.dtype, generator=self.generator)
        return rows(v / v.norm(dim=-1, keepdim=True) * length.clamp_max(1) * radius * (1 - 1e-12))


Make = Callable[[Mapping[str, float], int, int, int, torch.Generator], Fleet]


def smooth_fleet(numbers: Mapping[str, float], n: int, d: int, count: int, generator: torch.Generator) -> Fleet:
    """Smooth f_i, convex or not, that attain L_max, with a mean that attains L if that is less."""

    def normal(*shape: int) -> Tensor:
        return torch.randn(shape, dtype=torch.float64, generator=generator)

    most = min(numbers["L"], numbers["L_max"])
    q = normal(count, d)
    q = q / q.norm(dim=-1, keepdim=True)
    share = torch.rand((1, count, 1, 1), dtype=torch.float64, generator=generator) * 0.8 + 0.1
    waves = normal(n, count, 1) if n > 1 else torch.zeros((n, count, 1), dtype=torch.float64)
    waves = waves - waves.mean(0)
    same = (torch.rand((count, 1), dtype=torch.float64, generator=generator) < 0.5) * most * (1 - share[0, :, 0])
    basis = torch.linalg.qr(normal(count, d, d)).Q
    spectrum = 10 ** (-3 * torch.rand((count, d), dtype=torch.float64, generator=generator))
    spectrum[:, 0] = 1
    mean = share[0] * most * (basis * spectrum[:, None]) @ basis.mT
    apart = normal(n, count, d, d)
    apart = apart + apart.mT - (apart + apart.mT).mean(0)
    spread = torch.linalg.matrix_norm(apart, 2).amax(0) + waves.abs().amax(0)[..., 0] + 1e-300
    room = (numbers["L_max"] - share[0, :, 0, 0] * most - same[:, 0]).clamp_min(0) / spread
    H = mean + room[:, None, None] * apart
    b = 10 ** (2 * torch.rand((1, count, 1), dtype=torch.float64, generator=generator) - 1) * normal(n, count, d)
    return Fleet(H, b, room[:, None] * waves + same, q, numbers, generator)


FLEETS: Mapping[str, Make] = {"smooth-workers": smooth_fleet}
"""Functions for each assumption on workers."""


def run_workers(
    method: type[Method],
    assumptions: Sequence[type[Assumption]],
    theorem: Theorem,
    values: Mapping[str, Scalar] | None = None,
    *,
    runs: int = 100,
    steps: int = 10,
    seed: int = 0,
    instances: int = INSTANCES,
) -> Trajectories | None:
    """Run the theorem's method with several numbers of workers in Euclidean spaces, `runs` runs for each instance.

    **Returns**: how the runs compare with the theorem; None if no functions are known for the assumptions.
    """
    if len(assumptions) != 1 or assumptions[0].name not in FLEETS:
        return None
    make = FLEETS[assumptions[0].name]
    problem = pose(method, assumptions, theorem, values)
    claim = Claim(theorem.variant or method, tuple(assumptions), theorem, (), values or {})
    generator = torch.Generator().manual_seed(seed)
    found: list[tuple[str, dict[str, Tensor]]] = []
    for chosen in drawn_numbers(problem, claim, instances, seed):
        floats = {n: float(v) for n, v in chosen.items()}
        own = {s: floats[s] for s in claim.method.parameters()}
        for n, d in SIZES:
            constants = {s: floats[s] for s in claim.constants} | {"n": n}
            fleet = make(constants, n, d, -(-runs // len(SIZES)), generator)
            found.append((assumptions[0].name, _one(claim, claim.method(**own), fleet, steps)))
    return gathered(found, steps)


def _one(claim: Claim, method: Method, f: Fleet, steps: int) -> dict[str, Tensor]:
    """All runs on one fleet, row by row."""
    count, d = f.q.shape
    away = torch.randn((count, d), dtype=torch.float64, generator=f.generator)
    size = 10 ** (3 * torch.rand((count, 1), dtype=torch.float64, generator=f.generator) - 2)
    state = method.start(rows(plain(f.minimizer) + size * away / away.norm(dim=-1, keepdim=True)), f)
    tally = Tally(count)
    rounding = ROUNDING * (1 + plain(f.minimum).abs()[:, 0])  # what a gap can be trusted to
    for _ in range(steps):
        after = method.advance(None, state, f)
        goal: Any = claim.theorem.goal(method, f, state, after)
        kept = () if goal.invariant is None else goal.invariant(after, None)
        pairs = [(c.lhs, c.rhs, c.size, c.role) for c in comparisons(goal)]
        pairs += [(lhs, rhs, abs(lhs) + abs(rhs), "kept") for lhs, rhs in kept]
        for lhs, rhs, scale, role in pairs:
            tally.compare(role, [_column(v, count) for v in (lhs, rhs, scale)], rounding)
        state = after
    return tally.data()


def _column(value: Any, count: int) -> Tensor:
    """A number for each row, of every worker if it differs."""
    data = plain(torch.as_tensor(number(value), dtype=torch.float64))
    data = data[..., 0] if data.ndim else data
    return data.expand(*(data.shape[:-1] or (1,)), count)
