"""The inequality of one step must start where that of the step before ended: otherwise no recursion follows.

A theorem is evaluated on two overlapping windows of one symbolic run. What the first window calls "after" must be, as a
formula, what the second calls "before"; a potential's clock advances by its tick and its horizon stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from certify.language.assumptions import Assumption
from certify.language.goals import Goal, Potential, ProductDecrease
from certify.language.memory import generic_state
from certify.language.methods import Method
from certify.language.oracles import SymbolicFunction
from certify.language.scalar import Scalar
from certify.language.theorems import Theorem
from certify.language.trace import Trace
from certify.language.varying_goals import Averaging, SelfScaled


def symbolic_run(
    method: Method,
    assumptions: Sequence[Assumption],
    steps: int,
    trace: Trace,
    clock: Any = None,
    *,
    fresh: bool = False,
) -> tuple[SymbolicFunction, list[Any]]:
    """Run the update on symbols: f as the trace sees it, and the states s_0, …, s_steps, their iterates labelled.

    `clock` is the number of steps before the first of these, for methods that depend on it. The first state is one
    that may come after any number of steps or, if `fresh`, the one that the method starts with.
    """
    constants = {s: a.value_of(p) for a in assumptions for s, p in a.parameters().items()}
    f = SymbolicFunction(trace, constants, method)
    states: list[Any] = [method.start(f.start("0"), f) if fresh else generic_state(method, f)]
    trace.label(method.output(states[0]), "0")
    for k in range(steps):
        trace.step = k
        states.append(method.advance(None if clock is None else clock + k, states[-1], f))
        trace.label(method.output(states[-1]), str(k + 1))
    f.iterates += [method.output(s) for s in states]
    return f, states


def is_chained(method: Method, assumptions: Sequence[Assumption], theorem: Theorem, trace: Trace) -> bool:
    """Whether the goals of two consecutive steps fit together; `trace` is a fresh one with the domains declared."""
    k = trace.scalar("k", sign="nonnegative") if theorem.indexed else None
    f, points = symbolic_run(method, assumptions, theorem.steps + 1, trace, k)
    earlier, later = points[:-1], points[1:]

    def goal(window: Sequence[Any], **index: Any) -> Any:
        return theorem.goal(method, f, *window, **index)

    if k is None:
        return _fits(goal(earlier), goal(later))
    left = trace.scalar("left", sign="nonnegative")
    tick, next_tick = (getattr(goal(window, k=k, m=left), "tick", 1) for window in (earlier, later))
    if method.clocked() and (tick, next_tick) != (1, 1):
        return False
    return _fits(goal(earlier, k=k, m=next_tick + left), goal(later, k=k + tick, m=left))


def _fits(first: Goal, second: Goal) -> bool:
    """Whether the second inequality starts where the first ends, with the same numbers."""
    ends: list[tuple[Any, Any]] = [(getattr(first, "after", None), getattr(second, "before", None))]
    if isinstance(first, ProductDecrease) and isinstance(second, ProductDecrease):
        ends += [(first.next_distance, second.distance), (first.step, second.step)]
    if isinstance(first, Potential) and isinstance(second, Potential):
        ends += [(first.clock + first.tick, second.clock), (first.scale, second.scale)]
    if isinstance(first, SelfScaled) and isinstance(second, SelfScaled):
        ends += [(first.next_scale, second.scale), (first.weight, second.weight)]
    if isinstance(first, Averaging) and isinstance(second, Averaging):
        K = Scalar.variable("k′")  # no parameter has this name
        ends += [(first.clock + 1, second.clock)]
        ends += [(getattr(first, n)(K), getattr(second, n)(K)) for n in ("total", "spent")]
    return type(first) is type(second) and all(a == b for a, b in ends)
