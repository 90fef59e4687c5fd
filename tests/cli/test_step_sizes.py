"""``certify worst-case --optimise``, ``--admissible`` and ``--proof`` as a user runs them."""

import json
from fractions import Fraction

import pytest

GAP = ["worst-case", "gd", "-a", "smooth-convex", "-N", "1", "--measure", "gap"]
CONTRACTION = ["worst-case", "gd", "-a", "smooth-strongly-convex", "--set", "L=1,mu=1/10", "-N", "1"]
CONTRACTION += ["--measure", "distance"]


def test_the_best_step_in_words(certify):
    run = certify(*GAP, "--set", "L=1", "--optimise", "gamma=0:2/L")
    assert (run.returncode, run.stderr) == (0, "")
    for text in ("best           γ = 3/2", "the worst case is at most 1/8", "γ = 1.49997", "supposed", "✓ certified"):
        assert text in run.stdout, text
    assert max(map(len, run.stdout.splitlines())) <= 100


def test_the_best_step_as_data(certify, tmp_path):
    run = certify(*CONTRACTION, "--optimise", "gamma=0:2/L", "-o", "best.json")
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")
    data = json.loads((tmp_path / "best.json").read_text())
    assert (data["best"], data["upper"]) == ("20/11", "81/121")
    low, high = (Fraction(end) for end in data["bracket"])
    assert low < Fraction(20, 11) < high < low + Fraction(1, 1000)
    assert data["answer"]["parameters"]["gamma"] == "20/11"
    assert len(data["samples"]) > 10


def test_admissible_steps(certify):
    run = certify(*CONTRACTION, "--admissible", "gamma=0:3/L")
    assert run.returncode == 0, run.stderr
    assert "≤ γ ≤ 1.99" in run.stdout
    assert "it is at least 1 at γ = 2.000" in run.stdout
    run = certify(*CONTRACTION, "--admissible", "gamma=0:3/L", "--below", "1/2")
    assert run.returncode == 2
    assert "no gamma between 0 and 3" in run.stderr


def test_a_proof_in_both_formats(certify, tmp_path):
    one = [*GAP, "--set", "L=1,gamma=1/L"]
    run = certify(*one, "--proof", "-")
    assert run.returncode == 0, run.stderr
    assert "Claim.  f₁ − f⋆ ≤ 1/6." in run.stdout
    assert "1/2 × [0 ≤ f⋆ − f₁ + ⟨f′₁, x₁ − x⋆⟩ − 1/2 ‖f′₁‖²]" in run.stdout
    assert certify(*one, "--proof", "gd.tex").returncode == 0
    assert r"f_{1} - f_{\star} \le \tfrac{1}{6}" in (tmp_path / "gd.tex").read_text()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--optimise", "gamma"], "must read NAME=FROM:TO"),
        (["--optimise", "gamma=2:1"], "needs FROM < TO"),
        (["--optimise", "gamma=0:1/M"], "--optimise 'gamma=0:1/M'"),
        (["--set", "gamma=1", "--optimise", "gamma=0:2"], "both give gamma"),
        (["--optimise", "gamma=0:2", "--admissible", "gamma=0:2"], "not both"),
        (["--optimise", "gamma=0:2", "--proof", "x.txt"], "--proof is about"),
        (["--optimise", "gamma=0:2", "--no-lower"], "--no-lower"),
        (["--sweep", "gamma=0:2:5", "--proof", "x.txt"], "--proof is about a single worst case"),
    ],
)
def test_wrong_use_is_one_sentence(certify, options, message):
    run = certify(*GAP, "--set", "L=1", *options)
    assert run.returncode == 2
    assert message in run.stderr
    assert len(run.stderr.strip().splitlines()) == 1
