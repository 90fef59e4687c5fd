"""Other starts of the same kind: where all weights were drawn at random, shuffled weights are another draw of them.

How strain differs from seed to seed is in part the matter of where the weights start, which more batches do not
average out. A matrix of independent entries with rows and columns in another order has the same distribution, and the
same singular values if it is orthogonal; biases and gains stay. It is done only if everything looks freshly drawn.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence

import torch
from torch import Tensor

from certify.training.randomness import Randomness
from certify.training.session import Session, Step

COPIES = 12
"""Copies with all entries in another order, with which a matrix is compared."""
BEYOND = (4.0, 0.05)
"""Standard deviations and parts of itself by which a statistic may exceed that of such copies."""
WORSE = (3.0, 0.02)
"""The same by which the logarithm of the loss of shuffled weights may exceed that of the weights."""
LARGEST = 512
"""Rows and columns of a matrix that are looked at."""
SPARSE = 0.3
"""A matrix of which more than this part is exactly zero, but not all, was not drawn (identities, masks)."""


def shuffle(session: Session, take: int) -> None:
    """Put rows and columns of every matrix (kernels: outputs and inputs) in another order, the same for one `take`."""
    generator = torch.Generator().manual_seed(7919 * take)
    with torch.no_grad():
        for p in _matrices(session):
            moved = p.detach()
            for d in (0, 1):
                order = torch.randperm(p.shape[d], generator=generator).to(p.device)
                moved = moved.index_select(d, order)
            p.copy_(moved)


def can_shuffle(session: Session, groups: int = 2) -> bool:
    """Whether the weights look freshly drawn: no optimiser has made a step, rows, columns and singular values of each
    matrix spread as those of independent entries do or less, and shuffled weights have no greater loss.

    A model that was trained differs in the last two (tested); its cost is that of COPIES + 2 replays.
    """
    states = [state for optimizer in session.setup.optimizers for state in optimizer.state.values()]
    if any(float(state.get("step", 1)) for state in states) or session.setup.train_step is not None:
        return False
    found = [p.detach() for p in _matrices(session)]
    generator = torch.Generator().manual_seed(0)
    if not found or not all(_looks_drawn(p, generator) for p in found):
        return False
    with session.open():
        return _loses_nothing(session, groups)


def _matrices(session: Session) -> list[Tensor]:
    return [p for p in session.named.values() if p.ndim >= 2 and p.layout == torch.strided and p.is_floating_point()]


def _looks_drawn(p: Tensor, generator: torch.Generator) -> bool:
    x = p.float().flatten(1)[:LARGEST, :LARGEST]
    if min(x.shape) == 1 or bool((x == x.flatten()[0]).all()):
        return True
    if float((x == 0).float().mean()) > SPARSE:
        return False
    copies = [
        x.flatten()[torch.randperm(x.numel(), generator=generator).to(x.device)].view_as(x) for _ in range(COPIES)
    ]
    here, there = _statistics(x), [_statistics(copy) for copy in copies]
    return all(_within(mine, others, BEYOND) for mine, *others in zip(here, *there, strict=True))


def _statistics(x: Tensor) -> tuple[float, float, float]:
    """How far mean squares of rows and of columns spread, and ‖X‖₂."""
    squares = x.square()
    size = float(squares.mean())
    vector = torch.ones(x.shape[1], device=x.device) + 0.1 * torch.arange(x.shape[1], device=x.device)
    for _ in range(8):
        vector = x.mT @ (x @ vector)
        vector = vector / (vector.norm() + 1e-30)
    return (
        float(squares.mean(1).std()) / size,
        float(squares.mean(0).std()) / size,
        float((x @ vector).norm()) / size**0.5,
    )


def _loses_nothing(session: Session, groups: int) -> bool:
    losses, before = [_loss(session, groups)], session.point()
    for k in range(COPIES // 2):
        shuffle(session, 1000 + k)
        losses.append(_loss(session, groups))
        session.move(before)
    if not all(map(math.isfinite, losses)):
        return False
    sizes = [-math.log(loss) if min(losses) > 0 else -loss for loss in losses]
    return _within(sizes[0], sizes[1:], WORSE)


def _loss(session: Session, groups: int) -> float:
    randomness = Randomness.now()
    steps = [Step(index, session.group(index), randomness) for index in range(groups)]
    with session.replays() as replay:
        return statistics.fmean(replay(step).loss for step in steps)


def _within(mine: float, others: Sequence[float], beyond: tuple[float, float]) -> bool:
    mean = statistics.fmean(others)
    return mine <= mean + beyond[0] * statistics.stdev(others) + beyond[1] * abs(mean)
