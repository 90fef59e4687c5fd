"""What runs are compared with: the bound of a theorem after N steps by its lemma, or the number a rate row claims.

A theorem's own goal is evaluated along the run, as it is for single steps, and its recursion lemma is applied to the
numbers; the lemmas are those of `certify.prove.recursions`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import nan
from typing import Any

import torch
from torch import Tensor

from certify.language import (
    Averaging,
    Contraction,
    DominatedDecrease,
    Energy,
    EnergyContraction,
    EvenAveraging,
    FiniteDecrease,
    Goal,
    Monotone,
    Outcomes,
    Potential,
    ProductDecrease,
    Rate,
    SaturatingDecrease,
    Telescoping,
    Theorem,
    norm,
)
from certify.simulate.claims import Goals, unknown
from certify.simulate.evaluate import evaluate
from certify.simulate.observers import Along, Observer, Opening, Stopped, Watch, Window

ROUNDING = 1e-12
"""Relative: a start at distance 1 whose computed distance is a little more."""
Pair = tuple[Any, Any]
"""What a run attains, and the bound on it; None for both where nothing is claimed."""
NOTHING: Pair = (None, None)


class Unbounded(ValueError):
    """No bound after N steps follows that could be compared with a run."""


@dataclass(frozen=True)
class RowBound:
    """A row of the literature at fixed numbers: ``claims[k]`` bounds the measure after k steps (NaN: not claimed).

    The measure is at most ``claims[k]`` times the initial quantity; if `whole`, at most ``claims[k]`` where the initial
    quantity is at most 1.
    """

    rate: Rate
    claims: tuple[float, ...]

    @property
    def observers(self) -> dict[str, Observer]:
        """What has to be recorded."""
        return {"attained": Along(self.rate.measure), "initial": Opening(self.rate.initial), "stopped": Stopped()}

    def compare(self, found: Mapping[str, Tensor]) -> tuple[Tensor, Tensor]:
        """What was attained and the bounds on it, (steps + 1, B)."""
        attained, initial = found["attained"], found["initial"]
        initial = initial[0] if Opening(self.rate.initial).plain else initial
        claims = torch.tensor(self.claims, dtype=attained.dtype)[:, None]
        claims = torch.where(found["stopped"] == 1, nan, claims)
        if self.rate.whole:
            return attained, torch.where(initial <= 1 + ROUNDING, claims, nan).expand_as(attained)
        return attained, claims * initial


@dataclass(frozen=True)
class TheoremBound:
    """A theorem, with the cases of its derived number, at the parameters of the method and the function's constants."""

    theorem: Theorem
    goals: Goals = ()

    @property
    def observers(self) -> dict[str, Observer]:
        """What has to be recorded."""
        return {"attained": _Side(self, 0), "bound": _Side(self, 1)}

    def compare(self, found: Mapping[str, Tensor]) -> tuple[Tensor, Tensor]:
        """What was attained and the bounds on it, (steps + 1, B)."""
        return found["attained"], found["bound"]


@dataclass(frozen=True)
class _Side:
    """What is attained (0), or the bound on it (1)."""

    of: TheoremBound
    side: int

    @property
    def window(self) -> int:
        """The steps of the theorem."""
        return self.of.theorem.steps

    def begin(self) -> Watch:
        """A fresh start."""
        lemma = Lemma(self.of.theorem, self.of.goals)
        return lambda window: lemma.after(window)[self.side]


class Lemma:
    """A theorem's recursion lemma along one run: call `after` step by step."""

    def __init__(self, theorem: Theorem, goals: Goals = ()) -> None:
        self.theorem, self.goals = theorem, goals
        self.first: Goal | None = None
        self.total: Any = 0
        self.spent: Any = 0
        self.best: Any = None
        self.holds: Any = True
        self.opening: Window | None = None
        self.radius: Any = None

    def after(self, window: Window) -> Pair:
        """What is attained after this step, and the bound on it."""
        if any(isinstance(s, Outcomes) for s in window.states):
            raise Unbounded(f"theorem {self.theorem.name!r} is about steps from one state; this run has all outcomes")
        if not window.step:
            if len(window.functions) == 1:
                self.radius = self._distance(window)
            self._stay_inside(window)
        if window.step < self.theorem.steps:
            return NOTHING
        self.opening = self.opening or window
        goal = self._goal(window, window.step - self.theorem.steps, 0)
        for condition in goal.given:
            truth = condition if isinstance(condition, bool) or _is_mask(condition) else condition >= 0
            self.holds = truth & self.holds
        if window.step > 0:
            self._stay_inside(window)
        for f in window.functions:
            if f.stopped is not None:  # theorems speak of steps before a minimiser is reached
                self.holds = ~f.stopped & self.holds
        attained, bound = self.pair(goal, window)
        return attained, bound if self.holds is True else torch.where(_mask(self.holds, bound), bound, nan)

    def _stay_inside(self, window: Window) -> None:
        """With a bounded domain the function is one restricted to ‖x − x⋆‖ ≤ D, as long as the run does not notice."""
        f = window.functions[0]
        if len(window.functions) == 1 and "D" in f.constants:
            self.holds = (self._distance(window) <= f.constants["D"]) & self.holds

    @staticmethod
    def _distance(window: Window) -> Any:
        """‖x_k − x⋆‖."""
        return norm(window.method.output(window.states[-1]) - window.functions[0].minimizer)

    def pair(self, goal: Goal, window: Window) -> Pair:
        """What is attained after a step with this goal, and the bound on it: for every step in turn."""
        self.first = self.first or goal
        first, steps = self.first, window.step - self.theorem.steps + 1
        if isinstance(goal, Contraction) and isinstance(first, Contraction):
            if goal.uniform is not None:
                return goal.after, goal.uniform(self.radius) ** steps * first.before
            if isinstance(goal, EnergyContraction):
                return goal.quantity, goal.rate**steps * first.before
            self.best = goal.rate * (first.before if self.best is None else self.best) + goal.error
            return goal.after, self.best
        if isinstance(goal, Telescoping) and isinstance(first, Telescoping):
            least = goal.quantities[0]
            for quantity in goal.quantities[1:]:
                least = torch.minimum(least, quantity)
            self.best = least if self.best is None or goal.last else torch.minimum(self.best, least)
            self.total, self.spent = self.total + sum(goal.weights or ()), self.spent + goal.error
            return self.best, (first.before + self.spent) / (self.total + goal.final_weight)
        if isinstance(goal, DominatedDecrease) and isinstance(first, DominatedDecrease):
            return goal.after, self._dominated(goal, first)
        if isinstance(goal, SaturatingDecrease) and isinstance(first, SaturatingDecrease):
            self.best = goal.quantity if self.best is None else torch.minimum(self.best, goal.quantity)
            slope, twice = first.before * goal.slope, 2 * steps * goal.weight
            root = (slope**2 + 2 * twice * first.before * goal.offset) ** 0.5
            return self.best, (slope + root) / twice  # N w q²/(offset + slope q) ≤ V₀ for the least q
        if isinstance(goal, Averaging) and isinstance(first, Averaging):
            weight = 1 if isinstance(goal, EvenAveraging) else goal.weight
            self.total, self.spent = self.total + weight, self.spent + weight * goal.quantity
            return self.spent / self.total, (first.before + goal.spent(float(steps))) / goal.total(float(steps))
        if isinstance(goal, Energy) and isinstance(first, Energy):
            return goal.quantity, (first.before + goal.spent(float(steps))) / goal.scale(float(steps))
        if isinstance(goal, FiniteDecrease) and isinstance(first, FiniteDecrease):
            self.total = self.total + goal.amount
            return goal.after, first.before - self.total
        if isinstance(goal, ProductDecrease) and isinstance(first, ProductDecrease):
            rate = (first.distance - first.step) / (first.distance + (steps - 1) * first.step)
            return goal.after, rate * first.before
        if isinstance(goal, Potential):
            return self._potential(self.opening or window, window, steps)
        if isinstance(goal, Monotone) and isinstance(first, Monotone):
            return goal.after, first.before
        raise Unbounded(f"theorem {self.theorem.name!r} has no bound after N steps that runs are compared with")

    def _dominated(self, goal: DominatedDecrease, first: DominatedDecrease) -> Any:
        """V − w q²/(offset + slope q) at q² = 2μV, step by step: it increases with V where 2μw ≤ offset."""
        bound = first.before if self.best is None else self.best
        q = (2 * goal.modulus * bound) ** 0.5
        self.best = bound - goal.weight * q**2 / (goal.offset + goal.slope * q)
        return torch.where(2 * goal.modulus * goal.weight <= goal.offset, self.best, nan)

    def _potential(self, opening: Window, window: Window, steps: int) -> Pair:
        """The goal of the first step says what the measure is at most when the horizon of N steps is reached."""
        first = self._goal(opening, 0, 0)
        if not isinstance(first, Potential):
            raise Unbounded(f"theorem {self.theorem.name!r} changes its shape")
        least = first.tick if first.least_tick is None else first.least_tick
        goal = self._goal(opening, 0, steps * least - first.tick)
        (f,) = window.functions
        attained = next(iter(self.theorem.measure.along(f, window.states[-1:])))
        return attained, getattr(goal, "initial", nan) / getattr(goal, "scale", nan)

    def _goal(self, window: Window, k: Any, m: Any) -> Goal:
        states = window.states[-self.theorem.steps - 1 :]
        index = {"k": _float(k), "m": _float(m)} if self.theorem.indexed else {}
        goal = self.theorem.goal(window.method, *window.functions, *states, **index)
        return goal.solved(self._derived(window)) if goal.unknown else goal

    def _derived(self, window: Window) -> Any:
        """The derived number at the parameters of the run, by the first case that holds."""
        values = {**window.method.values, **{n: v for f in window.functions for n, v in f.constants.items()}}
        for conditions, goal in self.goals:
            if all(bool(evaluate(c, values) >= 0) for c in conditions):
                return evaluate(unknown(goal), values)
        raise Unbounded(f"theorem {self.theorem.name!r} has no derived number at these parameters")


def _float(clock: Any) -> Any:
    return clock if isinstance(clock, Tensor) else float(clock)


def _is_mask(condition: Any) -> bool:
    return isinstance(condition, Tensor) and condition.dtype == torch.bool


def _mask(holds: Any, like: Any) -> Tensor:
    return holds if isinstance(holds, Tensor) else torch.full_like(torch.as_tensor(like), holds, dtype=torch.bool)


def claimed(row: Rate, method: Any, constants: Sequence[Any], steps: int) -> tuple[float, ...]:
    """What a row claims after 0, …, `steps` steps if the initial quantity is 1; NaN where it claims nothing.

    Of a method that is made for N steps only the last of them is spoken of.
    """
    numbers = [nan]
    for k in range(1, steps + 1):
        if method.horizon() and k < steps:
            numbers.append(nan)
            continue
        value = row.claimed(method, constants, k)
        numbers.append(nan if value is None else float(value))
    return tuple(numbers)
