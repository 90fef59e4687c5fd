"""Steps written by hand: ProxSkip and α-NormEC in symbols, with false variants, and held against numbers."""

import importlib.util
import random
import sys
from math import hypot
from pathlib import Path
from types import ModuleType

import pytest

from certify.kernel import check
from certify.language import Scalar

EXAMPLES = Path(__file__).parents[2] / "examples"


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"example_{name}", EXAMPLES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("long", [False, True])
def test_prox_skip_is_proved_for_every_probability(long: bool) -> None:
    certificate = load("prox_skip").step(long=long)
    assert certificate is not None
    check(certificate)


@pytest.mark.parametrize("loss", ["p", "2p²"])
def test_prox_skip_does_not_forget_faster(loss: str) -> None:
    p = Scalar.variable("p")
    assert load("prox_skip").step(loss=p if loss == "p" else 2 * p**2) is None


def test_alpha_normec_is_proved() -> None:
    module = load("alpha_normec")
    for certificate in (module.shrinking(), module.invariant(), module.descent()):
        assert certificate is not None
        check(certificate)


def test_alpha_normec_needs_its_conditions() -> None:
    module = load("alpha_normec")
    assert module.shrinking(restricted=False) is None
    assert module.invariant(factor=2) is None
    assert module.descent(factor=1) is None


@pytest.mark.parametrize("instance", range(10))
def test_runs_of_alpha_normec_keep_the_invariant_and_the_bound(instance: int) -> None:
    """f_i(x) = L_i/2 ‖x − a_i‖² in the plane, 1000 steps of each instance with the longest step that is allowed."""
    generator = random.Random(instance)  # noqa: S311
    n = 3
    L = [generator.uniform(0.2, 2) for _ in range(n)]
    centres = [(generator.gauss(0, 1), generator.gauss(0, 1)) for _ in range(n)]
    alpha = generator.uniform(0.1, 3)
    beta = alpha * generator.uniform(0.1, 1)
    x, g = (2.0, -1.0), [(generator.gauss(0, 1), generator.gauss(0, 1)) for _ in range(n)]

    def slopes(x: tuple[float, float]) -> list[tuple[float, float]]:
        return [(c * (x[0] - a[0]), c * (x[1] - a[1])) for c, a in zip(L, centres, strict=True)]

    def mean(vectors: list[tuple[float, float]]) -> tuple[float, float]:
        return sum(v[0] for v in vectors) / n, sum(v[1] for v in vectors) / n

    def value(x: tuple[float, float]) -> float:
        return sum(c * hypot(x[0] - a[0], x[1] - a[1]) ** 2 / 2 for c, a in zip(L, centres, strict=True)) / n

    R = max(hypot(s[0] - h[0], s[1] - h[1]) for s, h in zip(slopes(x), g, strict=True))
    gamma = beta * R / (max(L) * (alpha + R))
    total = [sum(c * a[j] for c, a in zip(L, centres, strict=True)) / sum(L) for j in (0, 1)]
    gap, steps, norms = value(x) - value((total[0], total[1])), 1000, 0.0
    for _ in range(steps):
        own = slopes(x)
        norms += hypot(*mean(own))
        for i, (s, h) in enumerate(zip(own, g, strict=True)):
            v = (s[0] - h[0], s[1] - h[1])
            size = hypot(*v)
            assert size <= R * (1 + 1e-9)
            scale = beta / (alpha + size)
            g[i] = (h[0] + scale * v[0], h[1] + scale * v[1])
        d = mean(g)
        x = (x[0] - gamma * d[0] / hypot(*d), x[1] - gamma * d[1] / hypot(*d))
    bound = gap / (gamma * steps) + 2 * R * (1 - beta / (alpha + R)) + sum(L) / n * gamma / 2
    assert norms / steps <= bound * (1 + 1e-9)
