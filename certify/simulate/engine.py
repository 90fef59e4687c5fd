"""Many runs of a declared method at once: its own `step`, in float64, a chunk of rows that fits the cache at a time.

All steps of a chunk come before the next chunk, which for a hundred dimensions is several times faster than one step of
all rows after the other. Only what observers ask for is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import torch
from torch import Tensor

from certify.language import Method, Outcomes
from certify.simulate.devices import SHARED, threads
from certify.simulate.eigenbasis import Turned, in_eigenbasis
from certify.simulate.functions import UnsupportedOracle
from certify.simulate.noise import random_noise
from certify.simulate.observers import Observer, Window
from certify.simulate.operator_oracle import OperatorOracle
from certify.simulate.operators import OPERATORS
from certify.simulate.oracle import BatchFunction, Oracle
from certify.simulate.rows import number, plain, rows

CHUNK = 500_000
"""Floats (of the functions' data and of a few vectors) of the rows that run together."""
VECTORS = 6
"""Vectors of length d that a step works on at one time, roughly."""
MOST_OUTCOMES = 64
"""Outcomes that a run carries along; they multiply with every step, and what comes later is not looked at."""
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Batch:
    """B runs: a function for each role, starts (B, d), and the x⋆ (B, d) that all is measured against.

    **Arguments**

    - `functions`: one batch of functions for each role of the method;
    - `starts`: one tensor for each starting point;
    - `constants`: for each role the constants of its class, numbers or (B, 1) tensors;
    - `values`: parameters of the method that differ between runs, (B, 1) each;
    - `minimizer`: x⋆; by default that of the only function;
    - `slopes`: for each role its subgradient at x⋆ (they add up to 0); by default 0;
    - `vectors`: the kind of vectors that the declaration gets, made from tensors (B, d).
    """

    functions: tuple[BatchFunction, ...]
    starts: tuple[Tensor, ...]
    constants: tuple[Mapping[str, Any], ...]
    values: Mapping[str, Tensor] = field(default_factory=dict)
    minimizer: Tensor | None = None
    slopes: tuple[Tensor, ...] | None = None
    vectors: Callable[[Tensor], Any] = rows

    def __len__(self) -> int:
        return len(self.starts[0])

    @property
    def floats(self) -> int:
        """How many floats a step of one run touches."""
        data = sum(v[0].numel() for f in self.functions for v in f.parameters.values())
        return data + VECTORS * sum(x.shape[1] for x in self.starts)

    def take(self, index: Tensor) -> Batch:
        """The runs with these numbers."""
        return self._each(lambda f: f.take(index), lambda v: v[index])

    def to(self, device: str) -> Batch:
        """The same runs on another device."""
        return self._each(lambda f: f.to(device), lambda v: v.to(device))

    def _each(self, function: Callable[[Any], Any], tensor: Callable[[Tensor], Tensor]) -> Batch:
        def kept(values: Mapping[str, Any]) -> dict[str, Any]:
            return {n: tensor(v) if isinstance(v, Tensor) else v for n, v in values.items()}

        return replace(
            self,
            functions=tuple(map(function, self.functions)),
            starts=tuple(map(tensor, self.starts)),
            constants=tuple(map(kept, self.constants)),
            values=kept(self.values),
            minimizer=None if self.minimizer is None else tensor(self.minimizer),
            slopes=None if self.slopes is None else tuple(map(tensor, self.slopes)),
        )


def simulate(
    method: Method,
    batch: Batch,
    steps: int,
    observers: Mapping[str, Observer],
    *,
    noise: Any = None,
    seed: int = 0,
    device: str = "cpu",
    chunk: int = CHUNK,
    progress: Progress | None = None,
) -> dict[str, Tensor]:
    """Run `steps` steps of the method in every row.

    **Arguments**: `method` carries the parameters that all runs share, best as exact numbers; `noise` is the assumption
    class that stochastic gradients satisfy (see `certify.simulate.noise`); `chunk` is the number of floats of the rows
    that run together; `progress` hears how many rows of how many are done.

    **Returns**: for each observer a tensor (steps + 1, B) on the CPU, NaN where it has nothing to say, and from the
    first step on that has more than `MOST_OUTCOMES` outcomes. The same seed and chunk give the same numbers on the same
    device, however many threads there are.

    Quadratics run in their eigenbasis, and so within rounding of the given one, if the method and the observers do
    nothing that depends on the basis (`certify.simulate.eigenbasis`).

    **Raises**: `UnsupportedOracle` if a function lacks what the method asks for.
    """
    batch = batch if device == "cpu" else batch.to(device)
    share = device == "cpu" and batch.floats * len(batch) * steps > SHARED
    with threads(len(batch) if share else 1) as each:
        if noise is None and (turned := _turned(batch)) is not None:
            try:
                return _all(method, turned, steps, observers, _Plan(each, None, seed, device, chunk, progress))
            except (TypeError, AttributeError, UnsupportedOracle):
                pass  # the basis matters, or it is an error that comes again
        return _all(method, batch, steps, observers, _Plan(each, noise, seed, device, chunk, progress))


def _turned(batch: Batch) -> Batch | None:
    """The same runs in the eigenbasis of their quadratics; None if there is none."""
    alone = len(batch.functions) == 1 and batch.minimizer is None and batch.slopes is None
    found = in_eigenbasis(batch.functions[0]) if alone else None
    if found is None:
        return None
    function, coordinates = found
    return replace(batch, functions=(function,), starts=tuple(map(coordinates, batch.starts)), vectors=Turned)


@dataclass(frozen=True)
class _Plan:
    """How the rows are run."""

    each: Callable[[Callable[[Any], Any], Iterable[Any]], Iterable[Any]]
    noise: Any
    seed: int
    device: str
    chunk: int
    progress: Progress | None


def _all(
    method: Method, batch: Batch, steps: int, observers: Mapping[str, Observer], plan: _Plan
) -> dict[str, Tensor]:  # fmt: skip
    """All chunks of rows, as even as possible."""
    device, noise = plan.device, plan.noise
    chunks = -(-len(batch) // max(1, plan.chunk // batch.floats)) if device == "cpu" else 1
    per_chunk = -(-len(batch) // max(1, chunks))
    starts = range(0, len(batch), per_chunk)

    def one(first: int) -> dict[str, Tensor]:
        index = torch.arange(first, min(first + per_chunk, len(batch)), device=device)
        part = batch if len(starts) == 1 else batch.take(index)
        generator = torch.Generator(device).manual_seed(plan.seed + first)
        return {n: v.cpu() for n, v in _chunk(method, part, steps, observers, noise, generator).items()}

    parts = []
    for part in plan.each(one, starts):
        parts.append(part)
        if plan.progress:
            plan.progress(min(len(parts) * per_chunk, len(batch)), len(batch))
    return {name: torch.cat([part[name] for part in parts], 1) for name in observers}


def _chunk(
    method: Method,
    batch: Batch,
    steps: int,
    observers: Mapping[str, Observer],
    noise: Any,
    generator: torch.Generator,
) -> dict[str, Tensor]:
    """All steps of a few rows."""
    values = {n: rows(v) if isinstance(v, Tensor) else v for n, v in {**method.values, **batch.values}.items()}
    method = type(method)(**values)
    functions = oracles(batch, noise, generator)
    solution = method.solution(*functions)
    states = [method.start(*map(batch.vectors, batch.starts), *functions)]
    watching = {name: observer.begin() for name, observer in observers.items()}
    kept = 1 + max((observer.window for observer in observers.values()), default=0)
    like = plain(batch.starts[0])
    found = {n: like.new_full((steps + 1, len(batch)), torch.nan) for n in observers}
    for k in range(steps + 1):
        if k:
            states.append(method.advance(k - 1, states[-1], *functions))
            if isinstance(states[-1], Outcomes) and len(states[-1].cases) > MOST_OUTCOMES:
                break
            if len(states) > kept:
                states.pop(0)
        window = Window(method, functions, tuple(states), solution, k)
        for name, watch in watching.items():
            seen = watch(window)
            if seen is not None:
                found[name][k] = plain(torch.as_tensor(number(seen), dtype=like.dtype)).expand(len(batch), 1)[:, 0]
    return found


def oracles(batch: Batch, noise: Any = None, generator: torch.Generator | None = None) -> tuple[Any, ...]:
    """The functions and operators of a batch as a declaration sees them."""
    found: list[Any] = []
    star = None if batch.minimizer is None else rows(batch.minimizer)  # one object: x⋆ is known by identity
    for i, (function, constants) in enumerate(zip(batch.functions, batch.constants, strict=True)):
        slope = None if batch.slopes is None else batch.slopes[i]
        shared = {n: rows(v) if isinstance(v, Tensor) else v for n, v in constants.items()}
        if isinstance(function, OPERATORS):
            found.append(OperatorOracle(function, shared, star=star, slope=slope, vectors=batch.vectors))
            continue
        drawn = None if noise is None or generator is None else random_noise(noise, function, constants, generator)
        own = {"minimizer": star, "slope": slope, "noise": drawn, "vectors": batch.vectors}
        found.append(Oracle(function, shared, **own, generator=generator))
    return tuple(found)
