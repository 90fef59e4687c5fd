"""The global random number generators of torch (CPU and CUDA), NumPy and Python, as one value."""

from __future__ import annotations

import random
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor


@dataclass(frozen=True)
class Randomness:
    """States of all global generators at one moment; those of NumPy and Python are None if they were not asked for."""

    cpu: Tensor
    cuda: tuple[Tensor, ...]
    numpy: Any = None
    python: Any = None

    @classmethod
    def now(cls, numpy: bool = True, python: bool = True) -> Randomness:
        """The present states; nothing is drawn. CUDA is not started for this."""
        cuda = torch.cuda.get_rng_state_all() if torch.cuda.is_initialized() else []
        legacy = np.random.get_state() if numpy else None  # noqa: NPY002
        return cls(torch.get_rng_state(), tuple(cuda), legacy, random.getstate() if python else None)

    def drawn(self) -> dict[str, bool]:
        """Whether NumPy's and Python's generators have been used since: copying their states takes 0.1 ms each."""
        now = Randomness.now()
        same = all(np.array_equal(a, b) for a, b in zip(self.numpy, now.numpy, strict=True))
        return {"numpy": not same, "python": self.python != now.python}

    def restore(self) -> None:
        """Put every generator back."""
        torch.set_rng_state(self.cpu)
        if self.cuda:
            torch.cuda.set_rng_state_all(list(self.cuda))
        if self.numpy is not None:
            np.random.set_state(self.numpy)  # noqa: NPY002
        if self.python is not None:
            random.setstate(self.python)


def reseed(take: int) -> None:
    """Other random numbers for a take after the first, the same ones whenever that take is run."""
    if take:
        seed = (torch.initial_seed() + 7919 * take) % 2**32
        torch.manual_seed(seed)
        np.random.seed(seed)  # noqa: NPY002
        random.seed(seed)


@contextmanager
def forked() -> Generator[None]:
    """Whatever is drawn inside leaves no trace outside."""
    states = Randomness.now()
    try:
        yield
    finally:
        states.restore()
