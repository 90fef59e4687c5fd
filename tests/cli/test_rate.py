"""``certify rate`` as a user runs it."""

import json
from fractions import Fraction

GD = ["rate", "gd", "-a", "smooth-strongly-convex", "--set", "L=1,mu=1/10"]


def test_the_report_and_both_proofs(certify):
    run = certify(*GD, "--set", "gamma=3/2", "--proof", "-")
    assert run.returncode == 0, run.stderr
    for text in (
        "gd: gradient descent, linear rate",
        "best ρ ≤ 0.7225",
        "the kernel checked V",
        "rules out every such V",
    ):
        assert text in run.stdout, text
    assert run.stdout.count("Claim.") == 2


def test_a_limit_that_is_no_number_is_named(certify):
    run = certify(*GD, "--set", "gamma=1", "--below", "one")
    assert run.returncode == 2
    assert "--below 'one' must be a number" in run.stderr


def test_the_rate_as_data(certify, tmp_path):
    run = certify(*GD, "--set", "gamma=1", "-o", "rate.json")
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")
    data = json.loads((tmp_path / "rate.json").read_text())
    assert Fraction(data["lower"]) < Fraction(81, 100) < Fraction(data["upper"])
    assert data["lyapunov"]


def test_a_certificate_is_saved_verified_and_refused_if_changed(certify, tmp_path):
    assert certify(*GD, "--set", "gamma=1", "--certificate", "rate.json").returncode == 0
    run = certify("verify", "rate.json")
    assert run.returncode == 0, run.stderr
    assert "✓ rate.json: gd: linear rate of distance" in run.stdout
    assert "no V of this family has ρ = " in run.stdout
    path = tmp_path / "rate.json"
    path.write_text(path.read_text().replace('"gamma": "1"', '"gamma": "2"'))
    refused = certify("verify", "rate.json")
    assert refused.returncode == 1
    assert "rejected: the " in refused.stdout


def test_rounded_coefficients_are_told(certify):
    """Triple momentum has √(L/μ); with μ = 1/10 that is irrational, with μ = 1/4 it is not."""
    words = ["rate", "triple-momentum", "-a", "smooth-strongly-convex", "--set"]
    assert "irrational coefficients rounded" in certify(*words, "L=1,mu=1/10").stdout
    assert "irrational coefficients rounded" not in certify(*words, "L=1,mu=1/4").stdout


def test_no_contraction(certify):
    run = certify(*GD, "--set", "gamma=5/2")
    assert run.returncode == 3
    assert "1 < best ρ" in run.stdout
    assert "best ρ ≤ 2.25" in certify(*GD, "--set", "gamma=5/2", "--below", "4").stdout


def test_wrong_use_is_one_sentence(certify):
    run = certify("rate", "ogm", "-a", "smooth-convex", "--set", "L=1")
    assert run.returncode == 2
    assert run.stderr == "Error: ogm has no linear rate of this kind: its coefficients change from step to step\n"
