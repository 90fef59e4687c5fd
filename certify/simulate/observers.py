"""What is written down along a run: measures, computed as the run goes on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import torch

from certify.language import MEASURES, STEP, Measure, Method, Run
from certify.language.measures import replace_points

ALL = 10**9
_NOW = {m.name: m for m in MEASURES.values() if m.running is None}
"""Measures that look at the last iterate only, and at most at the one before it."""


@dataclass(frozen=True)
class Window:
    """A run after `step` steps; `states` are the last ones, all of them if some observer needs all."""

    method: Method
    functions: tuple[Any, ...]
    states: tuple[Any, ...]
    solution: Any
    step: int

    def run(self, last: int) -> Run:
        """The end of the run as a run of its own."""
        return Run(self.method, self.functions, self.states[-last:], self.solution)


Watch = Callable[[Window], Any]
"""Called after every step, from 0 on: a number, a (B, 1) tensor, or None where there is nothing to say."""


class Observer(Protocol):
    """Something that is recorded."""

    @property
    def window(self) -> int:
        """How many states before the last it looks at."""
        ...

    def begin(self) -> Watch:
        """A fresh start, for every chunk of rows."""
        ...


@dataclass(frozen=True)
class Along:
    """A measure of whole runs, at every step where it has a value."""

    measure: Measure

    @property
    def window(self) -> int:
        """1, or all states where a measure does not say how to do with less."""
        base = self.measure.running.of if self.measure.running else self.measure
        return 1 if _NOW.get(base.name) is base else ALL

    def begin(self) -> Watch:
        """A fresh start."""
        if self.window == ALL:
            return self._whole
        return self._now if self.measure.running is None else _Running(self.measure).watch

    def _now(self, window: Window) -> Any:
        return at(self.measure, window)

    def _whole(self, window: Window) -> Any:
        try:
            found = self.measure.of(window.run(len(window.states)), window.step)
        except (ValueError, IndexError, ZeroDivisionError):  # nothing is measured yet, as a step or a mean at the start
            return None
        return _least(found) if found else None


@dataclass(frozen=True)
class Opening:
    """A measure at the start, after every step: some are about the end of the run too, as a decrease is."""

    measure: Measure

    @property
    def plain(self) -> bool:
        """Whether it is known from the start alone."""
        return _NOW.get(self.measure.name) is self.measure

    @property
    def window(self) -> int:
        """All states, where the measure may look at them."""
        return 0 if self.plain else ALL

    def begin(self) -> Watch:
        """A fresh start."""
        return lambda window: None if self.plain and window.step else _least(self._of(window.run(len(window.states))))

    def _of(self, run: Run) -> Any:
        return self.measure.of(run, 0)


@dataclass(frozen=True)
class Stopped:
    """1 in the rows of which no bound speaks any more, as some oracle said (`certify.simulate.oracle`)."""

    window: int = 0

    def begin(self) -> Watch:
        """A fresh start."""
        return self._now

    @staticmethod
    def _now(window: Window) -> Any:
        stopped = [f.stopped for f in window.functions if f.stopped is not None]
        return torch.stack(stopped).any(0).to(torch.float64) if stopped else None


def at(measure: Measure, window: Window) -> Any:
    """A measure of the last iterate; None where there is none yet."""
    if measure is STEP and not window.step:
        return None
    last = min(window.step, 1)
    return _least(measure.of(window.run(last + 1), last))


class _Running:
    """Least values, means and averages without the iterates they are of."""

    def __init__(self, measure: Measure) -> None:
        if measure.running is None:
            raise TypeError(f"{measure.name} is not computed along a run")
        self.running = measure.running
        self.total: Any = None
        self.count = 0
        self.waiting: list[Any] = []

    def watch(self, window: Window) -> Any:
        """The value after this step."""
        how, of = self.running.how, self.running.of
        if window.step >= self.running.first:
            self.waiting.append(window.run(1).points[-1] if how == "average" else at(of, window))
        while len(self.waiting) > self.running.before:
            self._add(self.waiting.pop(0))
        if not self.count:
            return None
        if how == "least":
            return self.total
        mean = self.total / self.count
        return mean if how == "mean" else _least(of.of(replace_points(window.run(1), mean), 0))

    def _add(self, value: Any) -> None:
        if value is None:
            return
        if self.total is None:
            self.total = value
        else:
            self.total = self.total.minimum(value) if self.running.how == "least" else self.total + value
        self.count += 1


def _least(values: Any) -> Any:
    least = values[0]
    for value in values[1:]:
        least = least.minimum(value)
    return least
