"""Several assumptions on one function that are one known class: its conditions interpolate, those of each need not.

What another assumption implies is left out. Only classes that are exactly the intersection are put in the place of two.
"""

from __future__ import annotations

from collections.abc import Sequence

from certify.assumptions.convex import Convex
from certify.assumptions.lipschitz_convex import LipschitzConvex
from certify.assumptions.smooth import Smooth
from certify.assumptions.smooth_convex import SmoothConvex
from certify.assumptions.smooth_lipschitz_convex import SmoothLipschitzConvex
from certify.assumptions.smooth_strongly_convex import SmoothStronglyConvex
from certify.assumptions.strongly_convex import StronglyConvex
from certify.language import Assumption

EXACT: dict[frozenset[type[Assumption]], type[Assumption]] = {
    frozenset({Smooth, Convex}): SmoothConvex,
    frozenset({Smooth, StronglyConvex}): SmoothStronglyConvex,
    frozenset({SmoothConvex, StronglyConvex}): SmoothStronglyConvex,
    frozenset({Smooth, LipschitzConvex}): SmoothLipschitzConvex,
    frozenset({SmoothConvex, LipschitzConvex}): SmoothLipschitzConvex,
}
"""Each class is what satisfies both of the others, with the same constants."""


def joined(assumptions: Sequence[Assumption]) -> tuple[Assumption, ...]:
    """The same assumptions with numbers, as few as are known to say the same."""
    left = list(assumptions)
    for own in assumptions:
        if any(_implied(own, other) for other in left if other is not own):
            left.remove(own)
    for i, first in enumerate(left):
        for second in left[i + 1 :]:
            kind = EXACT.get(frozenset({type(first), type(second)}))
            made = kind(**first.values, **second.values).settled() if kind else None
            if made is not None and all(made.domain()):
                return joined([made, *(a for a in left if a is not first and a is not second)])
    return tuple(left)


def _implied(own: Assumption, other: Assumption) -> bool:
    """Whether the other assumption says what this one does."""
    return type(own) in type(other).closure() and own.values.items() <= other.values.items()
