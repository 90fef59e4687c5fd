"""Which exact function of the line satisfies which assumption: one predicate for every name.

An assumption without a predicate here cannot be refuted exactly; nothing is ever taken on trust. A bounded domain is
not about the function: see `certify.simulate.counterexample`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction

from certify.simulate.exact import PiecewiseQuadratic, Undecided

Constants = Mapping[str, Fraction]
Radii = Iterable[Fraction]
Predicate = Callable[[PiecewiseQuadratic, Constants, Radii], bool]


def _ball_convex_lsc(f: PiecewiseQuadratic, constants: Constants, radii: Radii) -> bool:
    """Ball-convexity for the radii in use; convex functions have it for every radius."""
    if f.is_convex():
        return True
    try:
        return bool(radii) and all(f.is_ball_convex(t) for t in radii)
    except Undecided:
        return False


def _smooth_strongly_convex(f: PiecewiseQuadratic, constants: Constants, radii: Radii) -> bool:
    return f.is_smooth(constants["L"]) and f.is_strongly_convex(constants["mu"])


def _sharp(f: PiecewiseQuadratic, constants: Constants, radii: Radii) -> bool:
    """For convex functions the slopes at the only minimiser decide."""
    _, sets = f.argmin()
    if not (f.is_convex() and len(sets) == 1 and sets[0][0] == sets[0][1]):
        return False
    low, high = f.subdifferential(f.minimizer())
    return low <= -constants["s"] and constants["s"] <= high


def _grows(f: PiecewiseQuadratic, constants: Constants, radii: Radii) -> bool:
    """For convex functions their values at the distance t from the only minimiser decide, for every radius t in use."""
    _, sets = f.argmin()
    if not (f.is_convex() and len(sets) == 1 and sets[0][0] == sets[0][1]):
        return False
    star = f.minimizer()
    return bool(radii) and all(
        min(f.value(star - t), f.value(star + t)) >= f.minimum() + constants["nu"] for t in radii
    )


MEMBERSHIP: Mapping[str, Predicate] = {
    "convex": lambda f, c, radii: f.is_convex(),
    "strongly-convex": lambda f, c, radii: f.is_strongly_convex(c["mu"]),
    "smooth": lambda f, c, radii: f.is_smooth(c["L"]),
    "smooth-convex": lambda f, c, radii: f.is_smooth(c["L"]) and f.is_convex(),
    "smooth-strongly-convex": _smooth_strongly_convex,
    "pl": lambda f, c, radii: f.is_smooth(c["L"]) and f.is_pl(c["mu"]),
    "lipschitz-convex": lambda f, c, radii: f.is_lipschitz(c["M"]) and f.is_convex(),
    "sharp-growth": _sharp,
    "growth-at-radius": _grows,
    "ball-convex": lambda f, c, radii: f.is_continuous() and _ball_convex_lsc(f, c, radii),
    "ball-convex-lsc": _ball_convex_lsc,
}


def satisfies(f: PiecewiseQuadratic, name: str, constants: Constants, radii: Radii = ()) -> bool:
    """Whether f satisfies the assumption with these constants, decided in ℚ; `KeyError` if there is
    no predicate for it or a constant is missing.

    **Arguments**: `radii`, the radii of all ball-prox steps taken; without any, only convex
    functions count as ball-convex.
    """
    return MEMBERSHIP[name](f, constants, radii)
