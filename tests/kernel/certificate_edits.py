"""Edits of certificates as JSON data, and the sentence with which they are refused."""

from collections.abc import Callable
from typing import Any

import pytest

from certify.kernel import (
    Certificate,
    Malformed,
    Polynomial,
    Rejected,
    check,
)

NONE: frozenset[str] = frozenset()
S, P = "statement", "proof"


def polynomial(**terms: int) -> Polynomial:
    """The linear polynomial with these coefficients; the name ``one`` is the constant 1."""
    return Polynomial.from_json({"1" if n == "one" else n: str(c) for n, c in terms.items()})


def refusal(data: object) -> str:
    """The message with which JSON data is refused; fails if it is accepted or refused in another way."""
    with pytest.raises((Malformed, Rejected)) as refused:
        check(Certificate.from_json(data))
    assert type(refused.value) in (Malformed, Rejected)
    return str(refused.value)


DROP = object()


def put(value: Any, *path: Any) -> Callable[[dict], None]:
    """The edit that puts a value at this place of JSON data (or drops what is there)."""

    def edit(data: dict) -> None:
        *parents, last = path
        inside: Any = data
        for key in parents:
            inside = inside[key]
        if value is DROP:
            del inside[last]
        elif isinstance(inside, list) and last == len(inside):
            inside.append(value)
        else:
            inside[last] = value

    return edit
