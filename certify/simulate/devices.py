"""Where batches run: threads of the CPU, or a CUDA device if there is one and enough work for it."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import torch

DEVICES = ("auto", "cpu", "cuda")
WORTHWHILE = 500_000
"""Floats of one step of all runs; with fewer a GPU only waits for its next kernel."""
SHARED = 1_000_000_000
"""Floats of all steps of all runs from which threads share the work, about a second; with less they cost more than
they save."""


class NoDevice(ValueError):
    """The device that was asked for is not here; the message is one sentence."""


def choose(device: str = "auto", floats: int = 0) -> str:
    """``"cpu"`` or ``"cuda"``.

    **Arguments**: `device`, one of `DEVICES`; `floats`, how many numbers one step of all runs works on, which decides
    where ``auto`` has a choice.

    **Raises**: `NoDevice` for a device that does not exist here, ValueError for an unknown word.
    """
    if device not in DEVICES:
        raise ValueError(f"there is no device {device!r}; use one of {', '.join(DEVICES)}")
    if device == "cuda" and not torch.cuda.is_available():
        raise NoDevice("this machine has no CUDA device that PyTorch can use; run on the CPU with --device cpu")
    if device == "auto":
        return "cuda" if floats >= WORTHWHILE and torch.cuda.is_available() else "cpu"
    return device


def describe(device: str) -> str:
    """For people: ``cpu, 2 threads`` or ``cuda, NVIDIA H100``."""
    if device.startswith("cuda"):
        return f"cuda, {torch.cuda.get_device_name(device)}"
    threads = torch.get_num_threads()
    return f"cpu, {threads} thread{'s' if threads != 1 else ''}"


@contextmanager
def threads(tasks: int) -> Generator[Callable[[Callable[[Any], Any], Iterable[Any]], Iterator[Any]]]:
    """A `map` that keeps the order, with as many threads as PyTorch has been given but no more than tasks.

    Each task computes by itself, one alone too: threads inside small operations mostly wait for each other.
    """
    allowed = torch.get_num_threads()
    count = min(allowed, tasks)
    torch.set_num_threads(1)
    try:
        if count <= 1:
            yield map
        else:
            with ThreadPoolExecutor(count) as pool:
                yield pool.map
    finally:
        torch.set_num_threads(allowed)
