"""``certify proof`` as a user runs it."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_a_proof_to_read(certify):
    run = certify("proof", "ppm/strongly-convex/distance")
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.startswith("Theorem (ppm/strongly-convex/distance)\n")
    assert "Hence ‖x_N − x⋆‖² ≤ ρᴺ·R²." in run.stdout


def test_a_proof_for_a_paper(certify, tmp_path):
    assert certify("proof", "ppm/strongly-convex/distance", "-o", "proof.tex").returncode == 0
    assert r"\label{thm:ppm:strongly-convex:distance}" in (tmp_path / "proof.tex").read_text()


def test_a_proof_of_the_users_own_method(certify):
    run = certify("proof", f"{ROOT}/examples/polyak.py/convex/distance")
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.startswith("Theorem (polyak/convex/distance)\n")


def test_wrong_use_is_one_sentence(certify):
    for identifier, sentence in {
        "gd": "'gd' must read METHOD/ASSUMPTIONS/THEOREM, such as gd/smooth-convex/gap",
        "gdd/smooth/descent": "there is no method 'gdd'; did you mean 'gd'?",
        "gd/smoth/descent": "there is no assumption 'smoth'; did you mean 'smooth'?",
    }.items():
        run = certify("proof", identifier)
        assert run.returncode == 2
        assert run.stderr == f"Error: {sentence}\n"
    run = certify("proof", "gd/smooth/nothing")
    assert run.returncode == 2
    assert run.stderr.startswith("Error: ")
    assert run.stderr.count("\n") == 1
