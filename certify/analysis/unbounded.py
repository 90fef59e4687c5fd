"""What runs of a method are compared with that has neither a theorem nor a rate: the place where they start."""

from __future__ import annotations

from certify.analysis.simulation_numbers import Group
from certify.language import BEST_GRADIENT, GRADIENT, Rate


def progress(group: Group) -> Rate:
    """min_k ‖∇f(x_k)‖² ≤ ‖∇f(x₀)‖²: true of everything, so that the share attained shows the progress of the runs."""
    return Rate(
        name="progress",
        assumptions=group,
        measure=BEST_GRADIENT,
        initial=GRADIENT,
        value=lambda *_: 1,
        statement="No bound is known: the least ‖∇f‖² of every run is compared with ‖∇f(x₀)‖².",
    )
