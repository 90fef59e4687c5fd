"""States of methods with memory, in symbols: one that may come after any number of steps, and the first one.

Whatever the memory holds after some steps, each entry becomes a fresh quantity; an invariant says what is known of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from certify.language.methods import Method
from certify.language.oracles import SymbolicFunction
from certify.language.scalar import Scalar, exact
from certify.language.symbolic_operators import SymbolicOperator
from certify.language.tables import Table
from certify.language.vector import Vector


class UnreadableState(ValueError):
    """The state of a method is no NamedTuple of vectors and numbers, one of which is the iterate."""


def first_state(method: Method, functions: Sequence[SymbolicFunction], label: str = "0") -> Any:
    """The state that the method starts with, from generic starting points, written as differences to the solution."""
    return method.start(*_starts(method, functions, label), *functions)


def _starts(method: Method, functions: Sequence[SymbolicFunction], label: str) -> list[Vector]:
    """Generic starting points."""
    f, (_, *others) = functions[0], method.starts
    there = method.solution(*functions)[1:] if others else ()
    rest = [s + f.trace.vector(f"{n}_{label}-{n}_⋆") for n, s in zip(others, there, strict=True)]
    if isinstance(f, SymbolicOperator) and len(functions) > 1:  # what is sought need not be a zero of the sum
        return [method.solution(*functions) + f.trace.vector(f"x{label}-x⋆"), *rest]
    return [f.start(label), *rest]


def generic_state(method: Method, functions: Sequence[SymbolicFunction], label: str = "0") -> Any:
    """A state after any number of steps: the iterate x_label and fresh quantities for everything else.

    With several starting points it is the first state, if that holds each of them once and nothing else.

    **Raises:** UnreadableState if the state is neither the iterate nor a NamedTuple with the iterate in it, nor made of
    the starting points.
    """
    f, starts = functions[0], _starts(method, functions, label)
    first = method.start(*starts, *functions)
    if method.stateless() or (len(method.starts) == 1 and method.plain()):
        return first
    if len(method.starts) > 1:
        return _made_of_starts(method, first, starts)
    fields = getattr(first, "_fields", None)
    position = None if fields is None else _iterate(method, first)
    if fields is None or position is None:
        raise UnreadableState(f"the state of {method.name} must be a NamedTuple with the iterate as one of its entries")
    entries = [
        starts[0] if i == position else _fresh(f, f"{name}_{label}", leaf)
        for i, (name, leaf) in enumerate(zip(fields, first, strict=True))
    ]
    return type(first)(*entries)


def _made_of_starts(method: Method, first: Any, starts: Sequence[Vector]) -> Any:
    """The state, which is generic if every start occurs once in it and nothing else does."""
    leaves = list(first) if isinstance(first, tuple) else [first]
    if len(leaves) != len(starts) or any(s not in leaves for s in starts):
        raise UnreadableState(f"the state of {method.name} must consist of its starting points")
    return first


def _iterate(method: Method, state: Any) -> int | None:
    """Which entry of the state is the iterate; None if none is."""
    marks = [object() for _ in state]
    try:
        found = method.output(type(state)(*marks))
    except TypeError:  # the output is computed from the entries
        return None
    return next((i for i, mark in enumerate(marks) if mark is found), None)


def _fresh(f: SymbolicFunction, name: str, like: Any) -> Any:
    trace = f.trace
    if isinstance(like, Table):
        return like.generic(name)
    if isinstance(like, Vector) and trace.norm == "euclidean" and f.is_point(like):
        return f.point(name)
    if not hasattr(like, "geometry"):
        if isinstance(like, bool) or not isinstance(like, Scalar | int | Fraction | float):
            raise UnreadableState(f"the entry {name!r} of a state is {like!r}, which is neither a vector nor a number")
        return trace.scalar(name)
    draws = trace.draws_of(like) & f.workers.draws if f.has_workers else frozenset()
    return trace.vector(name, dual=like.dual, draws=draws)


def scalar_of(value: Any) -> Scalar:
    """A scalar, or the generic coordinate of a vector."""
    return exact(getattr(value, "value", value))
