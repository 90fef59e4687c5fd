"""Exact searches and inexact answers: oracles that need more than one look at a function.

Errors are of the size that is allowed, at random or straight along the gradient, whatever harms a row more.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from certify.simulate.combination import plain_data
from certify.simulate.functions import UnsupportedOracle
from certify.simulate.rows import number, plain, rows

DEPENDENT = 1e-10
"""What is left of a direction of length 1 that is in the span of the others, but for rounding."""
DOUBLINGS, HALVINGS = 70, 45
SHRINKINGS = 30


def span_search(function: Any, x: Tensor, directions: list[Tensor]) -> Tensor:
    """argmin f over x + span(directions), in every row.

    Closed form for quadratics, whose gradients are affine; along one line for every convex function, by the sign of the
    slope. **Raises:** UnsupportedOracle otherwise.
    """
    if "quadratic" in function.satisfies:
        return _on_quadratics(function, x, directions)
    if len(directions) > 1:
        raise UnsupportedOracle(
            f"a search in several directions at once is exact on quadratics only, no {function.name}"
        )
    if "convex" not in function.satisfies:
        raise UnsupportedOracle(f"a line search on a {function.name} is not exact, as it is not convex")
    return _on_the_line(function, x, directions[0])


def _on_quadratics(function: Any, x: Tensor, directions: list[Tensor]) -> Tensor:
    basis: list[Tensor] = []
    for v in directions:
        v = v / v.norm(dim=1, keepdim=True).clamp_min(1e-300)
        for _ in range(2):
            for q in basis:
                v = v - (q * v).sum(1, keepdim=True) * q
        size = v.norm(dim=1, keepdim=True)
        basis.append(torch.where(size > DEPENDENT, v / size.clamp_min(1e-300), 0.0))
    g = function.subgradient(x)
    star = function.minimizer.expand_as(x)
    images = [function.subgradient(star + q) for q in basis]  # H q, as the gradient at x⋆ is 0
    H = torch.stack([torch.stack([(p * h).sum(1) for h in images], 1) for p in basis], 1)
    slope = torch.stack([(q * g).sum(1) for q in basis], 1)
    steps = -(torch.linalg.pinv(H, hermitian=True, rtol=1e-14) @ slope[..., None])
    return x + sum(steps[:, i] * q for i, q in enumerate(basis))


def _on_the_line(function: Any, x: Tensor, direction: Tensor) -> Tensor:
    """Bisection and secants in turn, on the slope along the line, which increases."""
    d = direction / direction.norm(dim=1, keepdim=True).clamp_min(1e-300)

    def slope(a: Tensor) -> Tensor:
        return (function.subgradient(x + a * d) * d).sum(1, keepdim=True)

    start = slope(torch.zeros_like(x[:, :1]))
    side = -start.sign()  # where f decreases
    near, far = torch.zeros_like(start), side * 1e-3
    down, up = start * side, slope(far) * side
    for _ in range(DOUBLINGS):
        if not bool((up < 0).any()):
            break
        near, down = torch.where(up < 0, far, near), torch.where(up < 0, up, down)
        far = torch.where(up < 0, 2 * far, far)
        up = slope(far) * side
    for turn in range(2 * HALVINGS):
        secant = near + (far - near) * (down / (down - up)).nan_to_num(0.5).clamp(0.0, 1.0)
        middle = (near + far) / 2 if turn % 2 else secant
        here = slope(middle) * side
        below = here < 0
        near, down = torch.where(below, middle, near), torch.where(below, here, down)
        far, up = torch.where(below, far, middle), torch.where(below, up, here)
        if bool(((far - near).abs() <= 1e-16 * (near.abs() + 1e-300)).all()):
            break
    return x + torch.where(up.abs() < down.abs(), far, near) * d


def erred(g: Tensor, size: Tensor | float, generator: torch.Generator) -> Tensor:
    """g + e with ‖e‖ = size: e along g, against it, or anywhere, each in a third of the rows."""
    free = torch.randn(g.shape, dtype=g.dtype, device=g.device, generator=generator)
    turn = (torch.arange(len(g), device=g.device) % 3)[:, None]
    way = torch.where(turn == 0, g, torch.where(turn == 1, -g, free))
    way = torch.where((way != 0).any(1, keepdim=True), way, free)
    return g + size * (1 - 1e-15) * way / way.norm(dim=1, keepdim=True).clamp_min(1e-300)


def epsilon_subgradient(function: Any, x: Tensor, epsilon: Tensor | float, generator: torch.Generator) -> Tensor:
    """The subgradient at a point w near x with f(x) − f(w) − ⟨g, x − w⟩ ≤ ε, or at x if none such was found."""
    found = function.subgradient(x)
    free = torch.randn(x.shape, dtype=x.dtype, device=x.device, generator=generator)
    way = torch.where((torch.arange(len(x), device=x.device) % 2)[:, None] == 0, free, function.minimizer - x)
    value, open_rows = function.value(x), torch.ones_like(x[:, :1], dtype=torch.bool)
    length = 2 * x.norm(dim=1, keepdim=True) / way.norm(dim=1, keepdim=True).clamp_min(1e-300)
    for _ in range(SHRINKINGS):
        w = x + length * way
        g = function.subgradient(w)
        error = value - function.value(w) - (g * (x - w)).sum(1, keepdim=True)
        good = open_rows & (error <= epsilon * (1 - 1e-9))
        found, open_rows = torch.where(good, g, found), open_rows & ~good
        length = length / 1.7
    return found


@dataclass(frozen=True)
class InexactProx:
    """u ≈ prox_{γf}(x) with primal-dual gap `error` (B, 1): what `certify.pep` calls by the same names."""

    point: Any
    subgradient: Any
    dual: Any
    dual_point: Any
    error: Any
    stop: Callable[[Tensor], None]

    def within(self, bound: Any) -> InexactProx:
        """The same; rows in which the error exceeds the bound are stopped, as the method does not go there."""
        bound = number(bound)
        self.stop(plain(torch.as_tensor(self.error > bound)))
        return self


def inexact_prox(oracle: Any, x: Any, step: Any, criterion: str, generator: torch.Generator) -> InexactProx:
    """u = prox_{γf}(x + e) = x + e − γg with g ∈ ∂f(u): the gap of (u, g) is ½‖e‖². With e = 0 for a gap between u and
    the subgradient (x − u)/γ. In every row the size of e is another part, the same in all steps, of the step itself."""
    data = plain_data(x)
    exact = oracle.function.prox(data, step)
    moved = (exact - data).norm(dim=1, keepdim=True)
    part = torch.linspace(0, 1, len(data), dtype=data.dtype, device=data.device)[:, None] ** 2
    size = part * moved / (1 + part) if criterion != "subgradient" else torch.zeros_like(moved)
    shifted = erred(data - exact, size, generator) + exact
    u = oracle.function.prox(shifted, step)
    point = oracle.known_point(u, (shifted - u) / step)
    g = oracle.subgradient(point)
    error = (shifted - data).square().sum(1, keepdim=True) / 2
    return InexactProx(point, g, g, point, rows(error), oracle._stop)
