"""The claims that are shipped: which are true is written here, not there, and no verdict may contradict it."""

from pathlib import Path

import pytest

from certify.claims.decide import Verdict, decide
from certify.claims.files import read

FOLDER = Path(__file__).resolve().parents[2] / "examples" / "claims"

TRUTH = {
    "sgd.toml": [True, False, False, True, False, True, True, False, True, True, True],
    "textbook.toml": [
        True, True, False, False, True, True, False, True, True, True, False, True, False, True, False, True, False,
        True, True,
    ],
    "review.toml": [
        True, False, False, True, False, True, False, True, True, False, False, False, True, False, True, False,
    ],
    "layers.toml": [True, False, True, False, True, False, True, False, True, False],
    "folk.toml": [True, False, False, True, True, True, False, False, True, True, False, True, False],
}  # fmt: skip
OPEN = {
    "gradient descent under PL, the rate of strongly convex functions",
    "broximal point: optimal after R/t steps",
}
"""What the engine does not decide yet: true and false ones."""
CLAIMS = [pair for file, truths in TRUTH.items() for pair in zip(read(FOLDER / file)[0].values(), truths, strict=True)]


def test_there_are_enough_of_both_kinds() -> None:
    assert {p.name for p in FOLDER.iterdir()} == set(TRUTH)
    assert len(CLAIMS) >= 24
    assert 0.35 < sum(truth for _, truth in CLAIMS) / len(CLAIMS) < 0.65
    assert 1 - len(OPEN) / len(CLAIMS) >= 10 / 12


@pytest.mark.slow
@pytest.mark.parametrize(("claim", "truth"), CLAIMS, ids=lambda v: v.name if hasattr(v, "name") else "")
def test_verdicts(claim, truth) -> None:
    found = decide(claim, seconds=30)
    wrong = (Verdict.REFUTED,) if truth else (Verdict.PROVED, Verdict.LOOSE)
    assert found.verdict not in wrong
    if claim.name not in OPEN:
        assert found.verdict is not Verdict.OPEN, (found.tried, found.evidence)
