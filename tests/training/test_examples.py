"""The training examples give the verdicts that their docstrings promise."""

from pathlib import Path

import pytest

from certify.training.audit import audit
from certify.training.target import load
from certify.training.validate import validate_setup
from certify.training.verdicts import Verdict

EXAMPLES = Path(__file__).parents[2] / "examples" / "training"


def setup(name):
    file, _, function = name.partition(":")
    return load(f"{EXAMPLES / file}.py:{function or 'build'}")


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("digits", set()),
        ("language_model", set()),
        ("language_model:scion", set()),
        ("language_model:misrouted", {"embedding-in-muon", "head-in-muon"}),
    ],
)
def test_audits(name, codes):
    assert {finding.code for finding in audit(setup(name)).findings} == codes


@pytest.mark.parametrize(
    ("name", "verdicts"),
    [
        ("logistic", {Verdict.PASS}),
        ("logistic:too_long", {Verdict.WARN}),
        pytest.param("digits", {Verdict.PASS}, marks=pytest.mark.slow),
        pytest.param("digits:hot", {Verdict.FAIL, Verdict.WARN}, marks=pytest.mark.slow),
        pytest.param("language_model", {Verdict.PASS}, marks=pytest.mark.slow),
        pytest.param("language_model:scion", {Verdict.PASS}, marks=pytest.mark.slow),
    ],
)
def test_verdicts(name, verdicts):
    pytest.importorskip("sklearn")
    assert validate_setup(setup(name)).verdict in verdicts
