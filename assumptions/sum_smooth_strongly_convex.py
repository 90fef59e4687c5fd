"""Means of n functions that are all smooth and strongly convex, of which a method draws one in each step."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from certify.language import Assumption, Count, Evaluation, Inequality, Positive, SymbolicFunction, inner, norm2


class SmoothStronglyConvexSum(Assumption):
    """f = (1/n)Σf_i, every f_i L-smooth and μ-strongly convex; n is any number of functions.

    What is known of each f_i is the interpolation inequality between every two points where it was evaluated.
    Source: Taylor, Hendrickx, Glineur, Math. Program. 161 (2017), Theorem 4; 0 < μ < L.
    """

    name = "sum-smooth-strongly-convex"
    formula = r"f = \tfrac1n\sum_i f_i,\quad f_i\ L\text{-smooth and } \mu\text{-strongly convex}"
    notes = (
        "proved for any number n ≥ 2 of functions, not for numbers one by one",
        "E is the mean over the n functions, of which a step draws one, all as likely; sᵢ is its gradient at xᵢ",
    )
    subject = "sum"
    interpolating = False
    L = Positive("L", "smoothness of every f_i")
    mu = Positive("mu", "strong convexity of every f_i")
    n = Count("n", "number of functions")

    def domain(self) -> Iterator[Inequality]:
        """μ < L and n > 1."""
        yield self.mu < self.L
        yield self.n > 1

    def each(self, points: Sequence[Evaluation], f: SymbolicFunction) -> Iterator[Inequality]:
        """The interpolation inequality of f_i for every ordered pair of points."""
        for x in points:
            for y in points:
                if x is not y:
                    d, v = y.point - x.point, y.gradient - x.gradient
                    quadratic = norm2(v) + self.mu * self.L * norm2(d) - 2 * self.mu * inner(v, d)
                    yield y.value >= x.value + inner(x.gradient, d) + quadratic / (2 * (self.L - self.mu))
