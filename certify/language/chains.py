"""The inequality of one step must start where that of the step before ended: otherwise no recursion follows.

A theorem is evaluated on two overlapping windows of one symbolic run. What the first window calls "after" must be, as a
formula, what the second calls "before"; a potential's clock advances by its tick and its horizon stays. Parameters that
may be another number in every step are other symbols in the second window.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from certify.language.assumptions import Assumption
from certify.language.energy_goals import Energy
from certify.language.goals import Goal, Potential, ProductDecrease
from certify.language.memory import first_state, generic_state
from certify.language.methods import Method
from certify.language.oracles import SymbolicFunction
from certify.language.outcomes import Outcomes
from certify.language.roles import symbolic_functions
from certify.language.scalar import Scalar, exact
from certify.language.symbolic_operators import SymbolicOperator, symbolic_operator
from certify.language.theorems import Theorem
from certify.language.trace import Trace
from certify.language.varying_goals import Averaging, EvenAveraging, SelfScaled


def symbolic_run(
    method: Method,
    assumptions: Sequence[Assumption],
    steps: int,
    trace: Trace,
    clock: Any = None,
    *,
    fresh: bool = False,
) -> tuple[tuple[SymbolicFunction, ...], list[Any]]:
    """Run the update on symbols: the functions as the trace sees them, and the states s_0, …, s_steps.

    `clock` is the number of steps before the first of these, for methods that depend on it. The first state is one
    that may come after any number of steps or, if `fresh`, the one that the method starts with. Of several functions
    the i-th has the i-th assumption.
    """
    groups = [(a,) for a in assumptions] if len(method.functions) > 1 else [tuple(assumptions)]
    constants = [{s: a.value_of(p) for a in own for s, p in a.parameters().items()} for own in groups]
    operators = any(a.subject == "operator" for a in assumptions)
    if len(groups) == 1 and operators:
        functions: tuple[SymbolicFunction, ...] = (symbolic_operator(trace, constants[0], method),)
    else:
        kind = SymbolicOperator if operators else SymbolicFunction
        functions = symbolic_functions(trace, method.functions, constants, method, kind)
    states: list[Any] = [(first_state if fresh else generic_state)(method, functions)]
    _label(method, states[0], trace, "0")
    for k in range(steps):
        trace.step = k
        states.append(method.advance(None if clock is None else clock + k, states[-1], *functions))
        _label(method, states[-1], trace, str(k + 1))
    if len(functions) == 1 and not any(isinstance(s, Outcomes) for s in states):
        functions[0].iterates += [method.output(s) for s in states]
    return functions, states


def _label(method: Method, state: Any, trace: Trace, label: str) -> None:
    """Name the iterate, or the first of several."""
    for _, single in state.cases if isinstance(state, Outcomes) else ((1, state),):
        point = method.output(single)
        trace.label(point[0] if isinstance(point, tuple) else point, label)


def is_chained(method: Method, assumptions: Sequence[Assumption], theorem: Theorem, trace: Trace) -> bool:
    """Whether the goals of two consecutive steps fit together; `trace` is a fresh one with the domains declared."""
    renamed = {s: trace.scalar(f"{s}′", sign="positive") for s in method.changing()}  # no parameter has such a name
    if renamed and theorem.steps > 1:
        return False
    next_method = type(method)(**method.values, **renamed)
    k = trace.scalar("k", sign="nonnegative") if theorem.indexed else None
    functions, states = symbolic_run(method, assumptions, theorem.steps, trace, k)

    def goal(window: Sequence[Any], own: Any = method, **index: Any) -> Any:
        return theorem.goal(own, *functions, *window, **index)

    def following(state: Any, steps: int) -> Any:
        trace.step += 1
        after = next_method.advance(None if k is None else k + steps, state, *functions)
        _label(method, after, trace, str(trace.step + 1))
        return after

    if isinstance(states[1], Outcomes):
        index = {} if k is None else {"k": k, "m": trace.scalar("left", sign="nonnegative")}
        later_index = {} if k is None else {"k": index["k"] + 1, "m": index["m"]}
        after = states[1].mean(lambda s: goal((s, following(s, 1)), next_method, **later_index).before)
        return theorem.steps == 1 and goal(states, **index).after == after
    states.append(following(states[-1], theorem.steps))
    earlier, later = states[:-1], states[1:]
    if k is None:
        return _fits(goal(earlier), goal(later, next_method))
    left = trace.scalar("left", sign="nonnegative")
    windows = ((earlier, method), (later, next_method))
    tick, next_tick = (getattr(goal(window, own, k=k, m=left), "tick", 1) for window, own in windows)
    if method.clocked() and any(exact(t).as_constant() != 1 for t in (tick, next_tick)):
        return False
    return _fits(goal(earlier, k=k, m=next_tick + left), goal(later, next_method, k=k + tick, m=left))


def _fits(first: Goal, second: Goal) -> bool:
    """Whether the second inequality starts where the first ends, with the same numbers."""
    ends: list[tuple[Any, Any]] = [(getattr(first, "after", None), getattr(second, "before", None))]
    if isinstance(first, ProductDecrease) and isinstance(second, ProductDecrease):
        ends += [(first.next_distance, second.distance), (first.step, second.step)]
    if isinstance(first, Potential) and isinstance(second, Potential):
        ends += [(first.clock + first.tick, second.clock), (first.scale, second.scale)]
    if isinstance(first, SelfScaled) and isinstance(second, SelfScaled):
        ends += [(first.next_scale, second.scale), (first.weight, second.weight)]
    if isinstance(first, Energy) and isinstance(second, Energy):
        K = Scalar.variable("k′")  # no parameter has this name
        ends += [(first.clock + 1, second.clock)]
        ends += [(getattr(first, n)(K), getattr(second, n)(K)) for n in ("scale", "spent")]
    if isinstance(first, Averaging) and isinstance(second, Averaging):
        K = Scalar.variable("k′")  # no parameter has this name
        ends += [(first.clock + 1, second.clock)]
        ends += [(getattr(first, n)(K), getattr(second, n)(K)) for n in ("total", "spent")]
        if isinstance(first, EvenAveraging) and isinstance(second, EvenAveraging):
            ends += [(first.clock + 1 + first.left, second.clock + 1 + second.left)]
    return type(first) is type(second) and all(a == b for a, b in ends)
