"""One-step rates: an exact proof for all parameters against a peer's numerical value at one parameter point.

Run ``python benchmarks/one_step.py``. With the extra ``bench`` installed, PEPit solves the same one-step problem at one
point in the same process; the ratio of CPU times is printed, not the times themselves, because machines differ.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from certify.assumptions.smooth_strongly_convex import SmoothStronglyConvex
from certify.assumptions.strongly_convex import StronglyConvex
from certify.kernel import check
from certify.language import pose
from certify.methods.gd import GradientDescent
from certify.methods.ppm import ProximalPoint
from certify.prove.prover import prove

REPEATS = 5


def cpu(action: Callable[[], object]) -> float:
    """The median CPU seconds of an action after one warm-up."""
    action()
    times = []
    for _ in range(REPEATS):
        start = time.process_time()
        action()
        times.append(time.process_time() - start)
    return sorted(times)[REPEATS // 2]


def peer_gradient() -> float:
    """PEPit: worst ‖x⁺ − x⋆‖² for gradient descent at L = 1, μ = 1/10, γ = 1."""
    from PEPit import PEP
    from PEPit.functions import SmoothStronglyConvexFunction

    problem = PEP()
    f = problem.declare_function(SmoothStronglyConvexFunction, mu=0.1, L=1.0)
    xs = f.stationary_point()
    x = problem.set_initial_point()
    problem.set_initial_condition((x - xs) ** 2 <= 1)
    problem.set_performance_metric((x - f.gradient(x) - xs) ** 2)
    return problem.solve(verbose=0)


def main() -> None:
    """Print the table."""
    gradient = GradientDescent.theorems()["distance"]
    proximal = ProximalPoint.theorems()["distance"]
    found = prove(pose(GradientDescent, [SmoothStronglyConvex], gradient))
    certificates = [c.certificate for p in found.parts for c in p.cases]
    derive = cpu(lambda: prove(pose(GradientDescent, [SmoothStronglyConvex], gradient)))
    verify = cpu(lambda: [check(c) for c in certificates])
    print(f"kernel check / derivation and proof (gd distance): {verify / derive:.5f}")
    other = cpu(lambda: prove(pose(ProximalPoint, [StronglyConvex], proximal)))
    print(f"ppm distance / gd distance (derivation and proof): {other / derive:.2f}")
    try:
        peer = cpu(peer_gradient)
    except ImportError:
        print("PEPit is not installed (pip install -e '.[bench]'): no comparison")
        return
    print(f"proof for all (γ, L, μ) / one numerical value of PEPit: {derive / peer:.2f}")
    print(f"re-checking the proof / one numerical value of PEPit: {verify / peer:.4f}")


if __name__ == "__main__":
    main()
