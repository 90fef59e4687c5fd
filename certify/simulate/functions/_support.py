"""The prox of polyhedral functions h(u) = max over w in W of ⟨w, Au + b⟩, W a simplex or a box, in every row.

The step s = y − u and its weights satisfy s = γAᵀw, and w maximises ⟨w, A(y − s) + b⟩ over W. A primal-dual
interior-point method (Mehrotra, SIAM J. Optim. 2 (1992)) tells which bounds are active; one Newton step with these held
fixed removes what the barrier left. Residuals are formed from s, not from γAAᵀw, which would cancel where γ is large.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

_ITERATIONS = 30
_COMPLEMENTARITY, _RESIDUAL = 1e-18, 1e-12
"""For data of size 1; the last Newton step removes what these leave."""
_BACKING = 0.995
"""Part of the way to the boundary that a step goes."""
_RANK = 1e-11
"""Relative: eigenvalues below it belong to directions in which the weights are not determined."""


class _State(NamedTuple):
    """The step s (B, d), its weights w (B, k), the largest piece (B, 1; on the simplex), the distances of w to its
    bounds and the multipliers of these, (B, k)."""

    step: Tensor
    weights: Tensor
    level: Tensor
    below: Tensor
    above: Tensor
    lower: Tensor
    upper: Tensor

    def moved(self, by: _State, length: Tensor) -> _State:
        """A part of a step further, where the step is a number."""
        good = torch.stack([v.isfinite().all(1, keepdim=True) for v in by]).all(0)
        return _State(*(v + torch.where(good, length * d, 0.0) for v, d in zip(self, by, strict=True)))


class _Problem(NamedTuple):
    """A (B, k, d), Ay + b (B, k), γ (B, 1) and γAAᵀ; Σw = 1 on the simplex."""

    matrix: Tensor
    linear: Tensor
    gamma: Tensor
    hessian: Tensor
    simplex: bool

    def residuals(self, at: _State) -> tuple[Tensor, Tensor, Tensor]:
        """s − γAᵀw (B, d), upper − lower + level − (A(y − s) + b) (B, k) and 1 − Σw (B, 1)."""
        first = at.step - self.gamma * _times(self.matrix.mT, at.weights)
        second = at.upper - at.lower + at.level - self.linear + _times(self.matrix, at.step)
        lacking = 1 - at.weights.sum(1, keepdim=True) if self.simplex else torch.zeros_like(at.level)
        return first, second, lacking


def support_prox(
    matrix: Tensor, linear: Tensor, gamma: Tensor, *, low: float, high: float, simplex: bool = False
) -> Tensor:
    """The step y − u = γAᵀw, shape (B, d), of the prox of h at y.

    **Arguments**: `matrix` A (B, k, d); `linear` Ay + b (B, k); `gamma` (B, 1) positive; W = {low ≤ w ≤ high}, with
    Σw = 1 too if `simplex`.
    """
    if simplex:
        linear = linear - linear.amax(1, keepdim=True)
    size = linear.abs().amax(1, keepdim=True).clamp_min(1e-300)
    steepest = matrix.norm(dim=2).amax(1, keepdim=True).clamp_min(1e-300)
    scaled, gamma = matrix / steepest[:, :, None], gamma * steepest**2 / size
    problem = _Problem(scaled, linear / size, gamma, gamma[:, :, None] * (scaled @ scaled.mT), simplex)
    return size / steepest * _polished(problem, _interior(problem, low, high), low, high)


def _interior(problem: _Problem, low: float, high: float) -> _State:
    """A point close to the solution, strictly inside all bounds."""
    count, simplex = problem.linear.shape[1], problem.simplex
    w = torch.full_like(problem.linear, 1 / count if simplex else (low + high) / 2)
    ones, zero, level = torch.ones_like(w), torch.zeros_like(w), torch.zeros_like(w[:, :1])
    step = problem.gamma * _times(problem.matrix.mT, w)
    above = high - w + float(simplex)  # on the simplex w ≤ 1 is implied: 2 leaves room
    at = _State(step, w, level, w - low, above, ones, ones)
    for _ in range(_ITERATIONS):
        residuals = problem.residuals(at)
        gap = ((at.lower * at.below + at.upper * at.above) / (2 * count)).sum(1, keepdim=True)
        worst = torch.cat((residuals[0] / (1 + problem.gamma), *residuals[1:]), 1).abs().amax(1, keepdim=True)
        done = (gap <= _COMPLEMENTARITY) & (worst <= _RESIDUAL)
        if bool(done.all()):
            break
        bend = problem.hessian + torch.diag_embed(at.lower / at.below + at.upper / at.above)
        if simplex:  # Σ dw is known, so a multiple of its square changes nothing; it makes the matrix regular
            bend = bend + problem.gamma[:, :, None]
        factor = torch.linalg.cholesky_ex(bend).L
        ahead = _newton(problem, at, residuals, factor, zero, zero)
        reach = _length(at, ahead, 1.0)
        there = at.moved(ahead, reach)
        left = (there.lower * there.below + there.upper * there.above).sum(1, keepdim=True) / (2 * count)
        aim, trust = left**3 / gap**2, reach**2  # a second-order correction of steps that are cut short misleads
        aims = aim - trust * ahead.lower * ahead.below, aim - trust * ahead.upper * ahead.above
        bent = _newton(problem, at, residuals, factor, *aims)
        at = at.moved(bent, torch.where(done, 0.0, _length(at, bent, _BACKING)))
    return at


def _newton(
    problem: _Problem,
    at: _State,
    residuals: tuple[Tensor, Tensor, Tensor],
    factor: Tensor,
    aim_below: Tensor,
    aim_above: Tensor,
) -> _State:
    """The step to zero residuals, lower·below = aim_below and upper·above = aim_above."""
    first, second, lacking = residuals
    right = _times(problem.matrix, first) - second - at.lower + at.upper + aim_below / at.below - aim_above / at.above
    if problem.simplex:
        right = right + problem.gamma * lacking
    solved = torch.cholesky_solve(torch.stack((right, torch.ones_like(right)), 2), factor)
    change, along = solved[:, :, 0], solved[:, :, 1]
    shift = torch.zeros_like(at.level)
    if problem.simplex:
        shift = (change.sum(1, keepdim=True) - lacking) / along.sum(1, keepdim=True)
        change = change - shift * along
    lower = (aim_below - at.lower * change) / at.below - at.lower
    upper = (aim_above + at.upper * change) / at.above - at.upper
    step = problem.gamma * _times(problem.matrix.mT, change) - first
    return _State(step, change, shift, change, -change, lower, upper)


def _length(at: _State, by: _State, part: float) -> Tensor:
    """How far a step may go, (B, 1), before a positive quantity has lost this part of itself; at most 1."""
    ratios = [torch.where(d < 0, -v / d, torch.inf).amin(1, keepdim=True) for v, d in zip(at[3:], by[3:], strict=True)]
    return (part * torch.stack(ratios).amin(0)).clamp_max(1.0)


def _polished(problem: _Problem, at: _State, low: float, high: float) -> Tensor:
    """s after one Newton step on the optimality conditions of the weights at no bound; the others are put there."""
    at_low, at_high = at.below <= at.lower, at.above <= at.upper
    w = torch.where(at_low, low, torch.where(at_high, high, at.weights))
    free = (~(at_low | at_high)).to(w.dtype)
    zero = torch.zeros_like(w)
    first, second, lacking = problem.residuals(at._replace(weights=w, lower=zero, upper=zero))
    system = problem.hessian * free[:, :, None] * free[:, None, :]
    right = free * (_times(problem.matrix, first) - second)
    if problem.simplex:
        border = torch.cat((free * problem.gamma, torch.zeros_like(lacking)), 1)  # the level in units of the Hessian
        system = torch.nn.functional.pad(system, (0, 1, 0, 1))
        system[:, -1, :] += border
        system[:, :, -1] += border
        right = torch.cat((right, problem.gamma * lacking), 1)
    change = _times(torch.linalg.pinv(system, hermitian=True, rtol=_RANK), right)[:, : w.shape[1]] * free
    return at.step - first + problem.gamma * _times(problem.matrix.mT, change)


def _times(matrix: Tensor, vector: Tensor) -> Tensor:
    return torch.bmm(matrix, vector.unsqueeze(2)).squeeze(2)
