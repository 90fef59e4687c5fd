"""Convex functions that are smooth along one block of coordinates."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import permutations
from typing import Any

from certify.assumptions.convex import Convex
from certify.language import Assumption, Evaluation, Inequality, NonNegative, Positive, inner, norm2


class BlockSmoothConvex(Assumption):
    """f convex and ‖∇ₖf(x + h) − ∇ₖf(x)‖ ≤ L‖h‖ for all x and all h in block k of the coordinates (counted from 0).

    Then f(y) ≥ f(x) + ⟨∇f(x), y − x⟩ + ‖∇ₖf(x) − ∇ₖf(y)‖²/(2L) for all x, y. For several blocks give several of these:
    ``model.function(BlockSmoothConvex(block=0, L=1), BlockSmoothConvex(block=1, L=4), space=model.blocks(2))``.

    Source: Shi, Liu, Better worst-case complexity analysis of the block coordinate descent method (2016), Lemma 1.1.
    """

    name = "block-smooth-convex"
    formula = r"f(y) \ge f(x) + \langle\nabla f(x), y - x\rangle + \tfrac{1}{2L}\|\nabla_k f(x) - \nabla_k f(y)\|^2"
    implies = (Convex,)
    differentiable = True
    interpolating = False
    L = Positive("L", "smoothness along the block")
    block = NonNegative("block", "number of the block, from 0")

    def domain(self) -> Iterator[Any]:
        """The number of a block is whole."""
        if isinstance(self.block, Fraction):
            yield self.block.denominator == 1

    def between(self, x: Evaluation, y: Evaluation) -> Inequality:
        """Convexity."""
        return Convex().between(x, y)

    def together(self, points: Sequence[Evaluation], f: Any) -> Iterator[Any]:
        """The stronger inequality for each ordered pair."""
        for x, y in permutations(points, 2):
            v = f.space.block(x.gradient - y.gradient, int(self.block))
            relation = y.value >= x.value + inner(x.gradient, y.point - x.point) + norm2(v) / (2 * self.L)
            yield f"block{int(self.block)}[{y.label}←{x.label}]", relation
