"""Many runs of a method: the engine against a loop over `torch.optim`, run by run, in one process.

Run ``python benchmarks/trajectories.py [--runs 10000] [--dimension 10] [--steps 100] [--device auto]``. The loop is
timed on a few hundred runs and its time a run taken for all, because it would take minutes; the engine runs all of
them. Both start from the same points on the same functions, both compute the function value at every step, and the last
values are compared. Only ratios of CPU times are printed (of elapsed times on a GPU): machines differ.

Loop and engine are timed in turns. Timed are all steps from given functions and starts; of the engine also the change
of basis. A quadratic is given by its eigenvectors and eigenvalues, to the loop and to the engine; the second ratio adds
to the engine what it takes to compute them from the matrices.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import torch
from torch import Tensor

from certify.language import GAP, Method
from certify.methods.gd import GradientDescent
from certify.methods.heavy_ball import HeavyBall
from certify.simulate.devices import choose, describe
from certify.simulate.engine import Batch, simulate
from certify.simulate.functions import HuberNorm, Quadratic, TestFunction
from certify.simulate.observers import Along
from certify.simulate.scaled import Scaled

NAIVE_RUNS = 100
REPEATS = 3
Loss = Callable[[Tensor, int], Tensor]


def quadratic_loss(f: TestFunction, factor: Tensor) -> Loss:
    """(a/2) Σ hᵢ (qᵢᵀ(x − x⋆))² of one row, as a person would write it."""
    bases, spectra = f.parameters["basis"], f.parameters["spectrum"]
    return lambda x, i: factor[i, 0] / 2 * (spectra[i] * (bases[i].T @ (x - f.minimizer[i])) ** 2).sum()


def huber_loss(f: TestFunction, factor: Tensor) -> Loss:
    """The radial Huber function of one row."""
    slope, width = f.parameters["slope"], f.parameters["width"]

    def loss(x: Tensor, i: int) -> Tensor:
        r = (x - f.minimizer[i]).norm()
        inner = torch.minimum(r, width[i, 0])
        return factor[i, 0] * slope[i, 0] * (inner**2 / (2 * width[i, 0]) + r - inner)

    return loss


def naive(loss: Loss, starts: Tensor, steps: int, momentum: float) -> Tensor:
    """One run after the other with `torch.optim.SGD` and step size 1; the last values."""
    last = []
    for i, start in enumerate(starts):
        x = torch.nn.Parameter(start.clone())
        optimiser = torch.optim.SGD([x], lr=1.0, momentum=momentum)
        values = []
        for _ in range(steps):
            optimiser.zero_grad()
            value = loss(x, i)
            value.backward()
            optimiser.step()
            values.append(value.item())
        last.append(loss(x, i).item())
    return torch.tensor(last)


def compare(
    name: str, f: TestFunction, loss: Callable[[TestFunction, Tensor], Loss], method: Method, steps: int, device: str,
    momentum: float = 0.0,
) -> None:  # fmt: skip
    """Print how many steps of the engine fit into one of the loop."""
    factor = 1 / f.constants["L"]
    generator = torch.Generator().manual_seed(1)
    starts = f.minimizer + torch.randn(f.minimizer.shape, dtype=torch.float64, generator=generator)
    batch = Batch((Scaled(f, factor),), (starts,), ({"L": Fraction(1)},))
    plain, few = loss(f, factor), starts[:NAIVE_RUNS]
    where = choose(device, batch.floats * len(batch))
    clock = time.perf_counter if where == "cuda" else time.process_time

    def seconds(action: Callable[[], Any]) -> float:
        begin = clock()
        action()
        return clock() - begin

    def run() -> None:
        simulate(method, batch, steps, {"gap": Along(GAP)}, device=where)

    run()
    times = [(seconds(lambda: naive(plain, few, steps, momentum)) / len(few), seconds(run)) for _ in range(REPEATS)]
    last = naive(plain, few, steps, momentum)
    loop, fast = (sorted(t)[REPEATS // 2] for t in zip(*times, strict=True))
    fast /= len(batch)
    prepared = fast + sorted(seconds(lambda: eigenvectors(f)) for _ in range(REPEATS))[REPEATS // 2] / len(batch)
    found = simulate(method, batch, steps, {"gap": Along(GAP)}, device=where)["gap"][-1, : len(few)]
    error = float(((found - last).abs() / (last.abs() + 1e-12)).max())
    also = f" ({loop / prepared:.0f} with the eigenvectors)" if isinstance(f, Quadratic) else ""
    size = f"d = {f.minimizer.shape[1]}, {len(batch)} runs"
    print(f"{name}, {size} on {describe(where)}: {loop / fast:.0f} times{also}, ", end="")
    print(f"last values agree within {error:.0e}")


def eigenvectors(f: TestFunction) -> None:
    """Those of all matrices, which are made from what is known of them."""
    if isinstance(f, Quadratic):
        basis, spectrum = f.parameters["basis"], f.parameters["spectrum"]
        torch.linalg.eigh((basis * spectrum[:, None, :]) @ basis.mT)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--dimension", type=int, default=10)
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--device", default="auto")
    given = parser.parse_args()
    generator = torch.Generator().manual_seed(0)
    shape = {"batch": given.runs, "dimension": given.dimension, "generator": generator}
    huber, quadratic = HuberNorm.sample(**shape)[0], Quadratic.sample(**shape)[0]
    gd, heavy = GradientDescent(gamma=Fraction(1)), HeavyBall(gamma=Fraction(1), beta=Fraction(1, 2))
    rest = given.steps, given.device
    compare("gradient descent on Huber functions", huber, huber_loss, gd, *rest)
    compare("gradient descent on full quadratics", quadratic, quadratic_loss, gd, *rest)
    compare("heavy ball on Huber functions", huber, huber_loss, heavy, *rest, momentum=0.5)
    compare("heavy ball on full quadratics", quadratic, quadratic_loss, heavy, *rest, momentum=0.5)


if __name__ == "__main__":
    main()
