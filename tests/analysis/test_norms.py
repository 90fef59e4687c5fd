"""A method in a norm with a name: what survives is proved, what breaks is refuted, side by side."""

import pytest

from certify.analysis.analyse import analyse
from certify.analysis.errors import BadInput
from certify.analysis.requests import space
from certify.analysis.results import Verdict

SURVIVES = {"gap-any-norm", "gap-next-any-norm", "subgradient", "subgradient-start"}
BREAKS = {"distance", "distance-monotone", "distance-step", "gap", "gap-next"}


@pytest.mark.parametrize("norm", ["linf", "nuclear"])
def test_what_survives_and_what_breaks(norm):
    result = analyse("bpm", ["convex"], values=[f"norm={norm}"])
    verdicts = {t.identifier.rpartition("/")[2]: t.verdict for t in result.theorems}
    assert {n for n, v in verdicts.items() if v is Verdict.PROVED} == SURVIVES
    assert {n for n, v in verdicts.items() if v is Verdict.REFUTED} == BREAKS
    assert result.values == {"norm": norm}
    assert result.exit_code == 1
    for theorem in result.theorems:
        assert theorem.contradiction is None
        if theorem.verdict is Verdict.PROVED:
            assert theorem.trajectories["violations"] == 0
            assert f"proved in any norm, so in {norm} too" in theorem.notes
        else:
            assert norm in theorem.counterexample["text"]
            assert f"not claimed in the norm {norm}; asked to see whether it survives" in theorem.notes


def test_norms_without_an_exact_ball_ask_nothing():
    result = analyse("bpm", ["convex"], norm="lp:3", simulate=False, sdp=False)
    assert {t.identifier.rpartition("/")[2] for t in result.theorems} == SURVIVES


def test_the_norm_among_the_rules():
    assert space("euclidean", ["L=1, norm=linf"]) == (space("linf", [])[0], ["L=1"])
    assert space("euclidean", ["norm=frobenius"])[0].norm == "euclidean"
    assert space("any", [])[0].traced == "any"
    for norm, rules in (("linf", ["norm=l1"]), ("nope", []), ("euclidean", ["norm=lp:1/2"])):
        with pytest.raises(BadInput, match="norm"):
            space(norm, rules)
