"""A time limit that a search asks between its pieces of work, so that no limit is overrun by more than one piece."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")


class OutOfTime(Exception):
    """The time for a search is over."""


class Deadline:
    """So many seconds of `clock` from now."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.process_time) -> None:
        self.clock = clock
        self.end = clock() + seconds

    @property
    def left(self) -> float:
        """Seconds that are left, possibly fewer than none."""
        return self.end - self.clock()

    def check(self) -> None:
        """Go on, or raise `OutOfTime`."""
        if self.left < 0:
            raise OutOfTime

    def each(self, items: Iterable[T]) -> Iterator[T]:
        """The items, with a look at the clock before each of them."""
        for item in items:
            self.check()
            yield item
