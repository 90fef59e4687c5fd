"""FRUGAL's split: proved for any number of layers, and never with a smaller floor, a larger weight or longer steps."""

import json
from dataclasses import replace
from typing import Any

import pytest

from certify.analysis.bundles import bundle, verify
from certify.assumptions.layerwise_lipschitz import LayerwiseLipschitz
from certify.language import pose
from certify.methods.frugal import Frugal
from certify.prove.prover import prove

TRUE = Frugal.theorems()["split"]
FALSE = {
    "half the floor": lambda true, own, f: replace(true, error=true.error / 2),
    "twice the weight": lambda true, own, f: replace(true, weights=(2 * true.weights[0],)),
    "steps twice as long": lambda true, own, f: replace(true, given=(own.gamma * f.L <= 2,)),
    "no condition": lambda true, own, f: replace(true, given=()),
}


def test_the_split_is_proved_and_its_file_verified() -> None:
    problem = pose(Frugal, [LayerwiseLipschitz], TRUE)
    proved = prove(problem, seconds=30)
    assert proved.proved, proved.tried
    assert verify(json.loads(json.dumps(bundle(proved, problem.identifier)))).traced


@pytest.mark.parametrize("name", FALSE)
def test_false_splits_are_never_proved(name: str) -> None:
    def goal(own: Any, f: Any, x: Any, y: Any) -> Any:
        return FALSE[name](TRUE.goal(own, f, x, y), own, f)

    assert not prove(pose(Frugal, [LayerwiseLipschitz], replace(TRUE, goal=goal)), seconds=5).proved
