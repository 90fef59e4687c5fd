"""Batches of runs of one method, with functions and numbers of their own, as one comparison with a theorem."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from certify.simulate.trajectories import MARGIN, SIGNIFICANT, Trajectories


class Tally:
    """What comparisons with a theorem say of `count` runs, a row each."""

    def __init__(self, count: int) -> None:
        self._compared = torch.zeros(count, dtype=torch.bool)
        self._violated = torch.zeros(count, dtype=torch.bool)
        self._checked = torch.zeros(count, dtype=torch.int64)
        self._ratio = torch.full((count,), -torch.inf, dtype=torch.float64)

    def compare(self, role: str, sides: Sequence[Tensor], noise: Tensor, among: Tensor | bool = True) -> None:
        """Count lhs ≤ rhs for the `sides` lhs, rhs and the size of their terms, (count,) or (several, count) each.

        **Arguments**: `noise` (count,), the error that the sides may have; `among`, rows the theorem speaks of.
        """
        lhs, rhs, size = (side.reshape(-1, len(self._checked)) for side in torch.broadcast_tensors(*sides))
        good = lhs.isfinite() & rhs.isfinite() & size.isfinite() & among
        self._violated |= (good & (lhs - rhs > MARGIN * size + noise)).any(0)
        if role == "step":
            self._compared |= good.any(0)
            self._checked += good.any(0)
            known = good & (rhs > SIGNIFICANT * size + noise / MARGIN)
            self._ratio = torch.maximum(self._ratio, (lhs / rhs).where(known, -torch.inf).amax(0))

    def data(self) -> dict[str, Tensor]:
        """The tensors that `gathered` reads."""
        return {
            "compared": self._compared,
            "checked": self._checked,
            "violated": self._violated,
            "ratio": self._ratio,
        }


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
