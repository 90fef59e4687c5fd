"""Worst cases: certified intervals against a peer's floating-point number, on the same problems in one process.

Run ``python benchmarks/worst_case.py [--sizes 5,10,20] [--repeat 3] [--large]``. With the extra ``bench``, PEPit
(and AutoLyap where it applies) builds and solves the same problems with the same solver, Clarabel. Printed are ratios
of CPU times: a peer's total over ours, with the certified upper end (what the peer's number is meant to be) or with
both ends, and our total (both ends) over the raw solver time of the dense problem with all inequalities. Modelling,
rounding and the kernel's checks are always included. ``--large`` adds gradient descent with N = 100 and 400, upper
ends only.
"""

from __future__ import annotations

import argparse
import platform
import resource
import statistics
import time
from collections.abc import Callable, Sequence
from fractions import Fraction
from math import isqrt, nan

from certify.assumptions.convex import Convex
from certify.assumptions.smooth_convex import SmoothConvex
from certify.pep import Model, norm2
from certify.pep.engine.conic import conic
from certify.pep.engine.invariance import invisible
from certify.pep.engine.program import program
from certify.pep.engine.solvers import call

SIZES = (5, 10, 20)
LARGE = (100, 400)


def momentum(steps: int) -> list[Fraction]:
    """β_k = (t_k − 1)/t_{k+1} with t_{k+1} = (1 + √(1 + 4t_k²))/2, t_1 = 1, in 64 binary digits."""
    unit = 2**64
    t, found = unit, []
    for _ in range(steps):
        following = (unit + isqrt(unit * unit + 4 * t * t)) // 2
        found.append(Fraction((t - unit) * unit // following, unit))
        t = following
    return found


def gradient(steps: int) -> Model:
    """x_{k+1} = x_k − ∇f(x_k) on 1-smooth convex functions."""
    model, x, f = _start(SmoothConvex(L=1))
    for _ in range(steps):
        x = x - f.gradient(x)
    model.maximise(f(x) - f.minimum)
    return model


def accelerated(steps: int) -> Model:
    """Nesterov's fast gradient method, FISTA's indexing."""
    model, x, f = _start(SmoothConvex(L=1))
    y = x
    for beta in momentum(steps):
        following = y - f.gradient(y)
        x, y = following, following + (following - x) * beta
        model.trail.append(x)
    model.maximise(f(x) - f.minimum)
    return model


def proximal(steps: int) -> Model:
    """x_{k+1} = prox_f(x_k) on convex functions."""
    model, x, f = _start(Convex())
    for _ in range(steps):
        x = f.prox(x, 1)
    model.maximise(f(x) - f.minimum)
    return model


def _start(assumption: SmoothConvex | Convex) -> tuple:
    model = Model()
    f = model.function(assumption)
    x = model.point("x0")
    model.suppose(norm2(x - f.minimizer) <= 1)
    return model, x, f


def peer(name: str, steps: int) -> float:
    """The same problem in PEPit."""
    from PEPit import PEP
    from PEPit.functions import ConvexFunction, SmoothConvexFunction
    from PEPit.primitive_steps import proximal_step

    problem = PEP()
    f = (
        problem.declare_function(ConvexFunction)
        if name == "PPM"
        else problem.declare_function(SmoothConvexFunction, L=1)
    )
    star = f.stationary_point()
    x = y = problem.set_initial_point()
    problem.set_initial_condition((x - star) ** 2 <= 1)
    for beta in momentum(steps):
        if name == "PPM":
            x, _, _ = proximal_step(x, f, 1)
        else:
            following = y - f.gradient(y)
            x, y = following, following + (float(beta) * (following - x) if name == "FGM" else 0 * x)
    problem.set_performance_metric(f(x) - f(star))
    return problem.solve(wrapper="cvxpy", solver="CLARABEL", verbose=0)


def second_peer(name: str, steps: int) -> float:
    """The same problem in AutoLyap, by a chain of Lyapunov functions; not for FGM, whose indices differ there."""
    from autolyap import IterationDependent, SolverOptions
    from autolyap.algorithms import GradientMethod, ProximalPoint
    from autolyap.problemclass import Convex as AnyConvex
    from autolyap.problemclass import InclusionProblem
    from autolyap.problemclass import SmoothConvex as Smooth

    if name == "FGM":
        return nan
    problem = InclusionProblem([AnyConvex() if name == "PPM" else Smooth(1)])
    method = ProximalPoint(gamma=1) if name == "PPM" else GradientMethod(gamma=1)
    first = IterationDependent.get_parameters_distance_to_solution(method, 0)
    last = IterationDependent.get_parameters_function_value_suboptimality(method, steps)
    options = SolverOptions(backend="cvxpy", cvxpy_solver="CLARABEL")
    found = IterationDependent.search_lyapunov(
        problem, method, steps, first[0], last[0], first[1], last[1], solver_options=options, verbosity=0
    )
    return float(found["c_K"])


METHODS: dict[str, Callable[[int], Model]] = {"GD": gradient, "FGM": accelerated, "PPM": proximal}


def raw(model: Model) -> Callable[[], object]:
    """The solver's work alone, on the dense problem with all inequalities."""
    problem = model.problem()
    data = conic(program(problem, *invisible(problem)))
    return lambda: call(data)


def cpu(actions: Sequence[Callable[[], object]], repeat: int) -> list[float]:
    """The median CPU seconds of each action; they take turns, so that whatever else runs slows all of them down."""
    times: list[list[float]] = [[] for _ in actions]
    for _ in range(repeat):
        for action, found in zip(actions, times, strict=True):
            start = time.process_time()
            action()
            found.append(time.process_time() - start)
    return [statistics.median(found) for found in times]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)), help="numbers of steps, with commas")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--large", action="store_true")
    arguments = parser.parse_args()
    sizes = [int(size) for size in arguments.sizes.split(",")]
    for build in METHODS.values():
        build(2).solve()  # loads everything
    try:
        peer("GD", 2)
        compared = True
    except ImportError:
        print("PEPit is not installed (pip install -e '.[bench]'): no comparison")
        compared = False
    try:
        second_peer("GD", 2)
        lyapunov = True
    except ImportError:
        print("AutoLyap is not installed (pip install -e '.[bench]'): no comparison")
        lyapunov = False
    print(f"{platform.machine()}, Python {platform.python_version()}; CPU time ratios, medians of {arguments.repeat}\n")
    print("method   N   PEPit/upper   PEPit/both ends   AutoLyap/upper   both ends/raw solver   relative gap   verdict")
    for name, build in METHODS.items():
        for steps in sizes:
            bound = build(steps).solve()
            actions: list[Callable[[], object]] = [
                lambda build=build, steps=steps: build(steps).solve(lower=False),
                lambda build=build, steps=steps: build(steps).solve(),
                raw(build(steps)),
            ]
            if compared:
                actions.append(lambda name=name, steps=steps: peer(name, steps))
            if lyapunov and name != "FGM":
                actions.append(lambda name=name, steps=steps: second_peer(name, steps))
            upper, both, solver, *others = cpu(actions, arguments.repeat)
            theirs = others.pop(0) if compared else nan
            other = others.pop(0) if others else nan
            gap = nan if bound.relative_gap is None else bound.relative_gap
            print(
                f"{name:6} {steps:3} {theirs / upper:13.1f} {theirs / both:17.1f} {other / upper:16.1f}"
                f" {both / solver:22.2f} {gap:14.1e}   {bound.verdict.word}"
            )
    for steps in LARGE if arguments.large else ():
        start = time.perf_counter()
        bound = gradient(steps).solve(lower=False)
        excess = float(bound.upper * (4 * steps + 2) - 1) if bound.upper is not None else nan
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        seconds = time.perf_counter() - start
        print(
            f"GD     {steps:3}  certified {excess:.1e} above 1/(4N + 2) in {seconds:.1f} s, peak memory {memory:.0f} MB"
        )


if __name__ == "__main__":
    main()
