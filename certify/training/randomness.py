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
    """States of all global generators at one moment."""

    cpu: Tensor
    cuda: tuple[Tensor, ...]
    numpy: Any
    python: Any

    @classmethod
    def now(cls) -> Randomness:
        """The present states; nothing is drawn. CUDA is not started for this."""
        cuda = torch.cuda.get_rng_state_all() if torch.cuda.is_initialized() else []
        return cls(torch.get_rng_state(), tuple(cuda), np.random.get_state(), random.getstate())  # noqa: NPY002

    def restore(self) -> None:
        """Put every generator back."""
        torch.set_rng_state(self.cpu)
        if self.cuda:
            torch.cuda.set_rng_state_all(list(self.cuda))
        np.random.set_state(self.numpy)  # noqa: NPY002
        random.setstate(self.python)


@contextmanager
def forked() -> Generator[None]:
    """Whatever is drawn inside leaves no trace outside."""
    states = Randomness.now()
    try:
        yield
    finally:
        states.restore()
