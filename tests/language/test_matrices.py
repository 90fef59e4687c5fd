"""Shampoo and AuON run on numbers and tensors, and Shampoo's step is the polar factor for every shape and rank."""

from collections.abc import Callable
from fractions import Fraction

import pytest
import torch
from torch import Tensor

from certify.methods.auon import AuON
from certify.methods.shampoo import Shampoo


class Smooth:
    """Anything with a gradient."""

    def __init__(self, gradient: Callable) -> None:
        self.gradient = gradient


@pytest.mark.parametrize("shape", [(4, 4), (3, 5), (6, 2)])
@pytest.mark.parametrize("rank", [0, 1, 2])
def test_one_step_of_shampoo_is_the_polar_factor(shape: tuple[int, int], rank: int) -> None:
    generator = torch.Generator().manual_seed(shape[0] + rank)

    def normal(*size: int) -> Tensor:
        return torch.randn(7, *size, generator=generator, dtype=torch.float64)

    g, x = normal(shape[0], rank) @ normal(rank, shape[1]), normal(*shape)
    u, s, v = torch.linalg.svd(g, full_matrices=False)
    polar = (u * (s > 1e-9 * s[:, :1].clamp(min=1e-300)).unsqueeze(-2)) @ v
    for memory in (0, 1):  # the first step from sums that are 0
        method = Shampoo(alpha=0.5, beta=memory)
        f = Smooth(lambda _: g)
        after = method.step(method.start(x, f), f).x
        assert torch.allclose(after, x - 0.5 * polar, atol=1e-5)


def test_numbers_are_matrices_of_one_entry() -> None:
    method = Shampoo(alpha=Fraction(1, 3), beta=Fraction(0))
    f = Smooth(lambda x: 16 * x)
    assert method.step(method.start(Fraction(1), f), f).x == Fraction(2, 3)


def test_shampoo_and_auon_descend() -> None:
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(50, 3, 2, generator=generator, dtype=torch.float64)
    target = Smooth(lambda x: x - 1)
    state = (method := Shampoo(alpha=0.3, beta=1.0)).start(x, target)
    for _ in range(200):
        state = method.step(state, target)
    assert bool(((state.x - 1).abs().amax((1, 2)) < 0.1 * (x - 1).abs().amax((1, 2))).all())
    rows = x.flatten(1)
    run = (other := AuON(alpha=0.02, beta=0.5)).start(rows, target)
    for _ in range(400):
        following = other.step(run, target)
        assert bool(((following.x - run.x).norm(dim=1) <= 0.02 * (1 + 1e-12)).all())  # cosh ≥ 1
        run = following
    assert bool(((run.x - 1).norm(dim=1) < 0.1).all())


def test_auon_has_no_exact_interpretation() -> None:
    method = AuON(alpha=Fraction(1), beta=Fraction(0))
    f = Smooth(lambda x: x)
    with pytest.raises(TypeError, match="cosh has no exact value"):
        method.step(method.start(Fraction(1), f), f)
