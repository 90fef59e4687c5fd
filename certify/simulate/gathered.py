"""Batches of runs of one method, with functions and numbers of their own, as one comparison with a theorem."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from certify.simulate.trajectories import MARGIN, Trajectories


def gathered(found: Sequence[tuple[str, Mapping[str, Tensor]]], steps: int) -> Trajectories | None:
    """What batches of runs, each of a family of functions, say together; None if there are none.

    Each has tensors with an entry for each run: whether something was `compared` in it, how many steps were `checked`,
    whether one was `violated`, and the largest `ratio`.
    """
    if not found:
        return None
    joined = {n: torch.cat([batch[n] for _, batch in found]) for n in ("compared", "checked", "violated", "ratio")}
    ratio = float(joined["ratio"].max())
    return Trajectories(
        runs=int(joined["compared"].sum()),
        steps=steps,
        checked=int(joined["checked"].sum()),
        violations=int(joined["violated"].sum()),
        worst_ratio=ratio if ratio > -torch.inf else None,
        margin=MARGIN,
        device="cpu",
        families=tuple(dict.fromkeys(family for family, _ in found)),
        worst=None,
    )
