"""Rows of repeated blocks (``blocks.0.up``, ``blocks.1.up``, …) become one, the worst of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TypeVar

Row = TypeVar("Row")
NUMBER = re.compile(r"(?<=\.)\d+(?=\.)|^\d+(?=\.)")


def pattern(name: str) -> str:
    """The name with the numbers of blocks as stars; a name in which that is the only part stays as it is."""
    return NUMBER.sub("*", name)


def collapse(
    rows: Iterable[Row], key: Callable[[Row], tuple[object, ...]], badness: Callable[[Row], tuple[float, ...]]
) -> list[tuple[Row, int]]:
    """The worst row of each key, with the number it stands for, in the order in which keys appear."""
    groups: dict[tuple[object, ...], list[Row]] = {}
    for row in rows:
        groups.setdefault(key(row), []).append(row)
    return [(max(members, key=badness), len(members)) for members in groups.values()]
