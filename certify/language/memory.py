"""States of methods with memory, in symbols: one that may come after any number of steps, and the first one.

Whatever the memory holds after some steps, each entry becomes a fresh quantity; an invariant says what is known of it.
"""

from __future__ import annotations

from typing import Any

from certify.language.methods import Method
from certify.language.oracles import SymbolicFunction
from certify.language.scalar import Scalar, exact
from certify.language.trace import Trace


class UnreadableState(ValueError):
    """The state of a method is no NamedTuple of vectors and numbers, one of which is the iterate."""


def generic_state(method: Method, f: SymbolicFunction, label: str = "0") -> Any:
    """A state after any number of steps: the iterate x_label and fresh quantities for everything else.

    **Raises:** UnreadableState if the state is neither the iterate nor a NamedTuple with the iterate in it.
    """
    first = method.start(f.start(label), f)
    if method.stateless():
        return first
    fields = getattr(first, "_fields", None)
    position = None if fields is None else _iterate(method, first)
    if fields is None or position is None:
        raise UnreadableState(f"the state of {method.name} must be a NamedTuple with the iterate as one of its entries")
    entries = [
        leaf if i == position else _fresh(f.trace, f"{name}_{label}", leaf)
        for i, (name, leaf) in enumerate(zip(fields, first, strict=True))
    ]
    return type(first)(*entries)


def _iterate(method: Method, state: Any) -> int | None:
    """Which entry of the state is the iterate; None if none is."""
    marks = [object() for _ in state]
    try:
        found = method.output(type(state)(*marks))
    except TypeError:  # the output is computed from the entries
        return None
    return next((i for i, mark in enumerate(marks) if mark is found), None)


def _fresh(trace: Trace, name: str, like: Any) -> Any:
    return trace.vector(name, dual=like.dual) if hasattr(like, "geometry") else trace.scalar(name)


def scalar_of(value: Any) -> Scalar:
    """A scalar, or the generic coordinate of a vector."""
    return exact(getattr(value, "value", value))
