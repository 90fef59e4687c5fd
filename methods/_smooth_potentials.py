"""Potentials of gradient descent on smooth convex functions, for the gap after N steps of any constant length."""

from __future__ import annotations

from typing import Any

from certify.language import Potential, norm2


def shrinking(
    f: Any, x: Any, y: Any, k: Any, m: Any, γ: Any, *, given: tuple[Any, ...], squares: tuple[Any, ...] = ()
) -> Potential:
    """L‖x₀ − x⋆‖²/(4NγL + 2): the weight of the gap grows from 0 to N/(N + 1) while that of the distance shrinks."""
    L, N = f.L, k + 1 + m
    h = γ * L

    def Φ(k: Any, x: Any) -> Any:
        a = k / (2 * N + 1 - k)
        energy = f.value(x) - f.minimum + γ / 2 * norm2(f.gradient(x))
        return a * energy + (1 - a) * L * norm2(x - f.minimizer) / (2 * (1 + (2 * N - k) * h))

    return Potential(
        phi=Φ,
        x=x,
        y=y,
        clock=k,
        left=m,
        measure=f.value(x) - f.minimum,
        initial=L * norm2(x - f.minimizer) / (4 * N * h + 2),
        given=given,
        squares=squares,
    )


def growing(f: Any, x: Any, y: Any, k: Any, m: Any, h: Any, more: Any, *, given: tuple[Any, ...]) -> Potential:
    """(1 + more)L‖x₀ − x⋆‖²/(2(Nh + more)) for h = γL: the weight of the gap grows, that of the distance stays."""

    def Φ(k: Any, x: Any) -> Any:
        return f.L / 2 * norm2(x - f.minimizer) + (k * h + more) * (f.value(x) - f.minimum)

    return Potential(
        phi=Φ,
        x=x,
        y=y,
        clock=k,
        left=m,
        measure=f.value(x) - f.minimum,
        scale=(k + 1 + m) * h + more,
        initial=f.L * (1 + more) / 2 * norm2(x - f.minimizer),
        given=given,
        squares=(f.gradient(y) + (h - 1) * f.gradient(x), f.gradient(x)),
    )
