"""``certify check`` as a user runs it."""

import json

LINE = ["check", "-m", "gd", "-a", "smooth-convex", "--set", "gamma=1/L"]
FILE = """
[[claim]]
name = "right"
method = "gd"
assumptions = ["smooth-convex"]
set = { gamma = "1/L" }
claim = "f(x_N) - f* <= L R^2/(4 N + 2)"

[[claim]]
name = "wrong"
method = "gd"
assumptions = ["smooth-convex"]
set = { gamma = "1/L" }
claim = "f(x_N) - f* <= L R^2/(4 N + 3)"
"""


def test_a_file_its_certificates_and_its_data(certify, tmp_path):
    (tmp_path / "claims.toml").write_text(FILE)
    (tmp_path / "certificates").mkdir()
    run = certify("check", "claims.toml", "--certificates", "certificates", "-o", "out.json")
    assert (run.returncode, run.stdout, run.stderr) == (1, "", "")
    data = json.loads((tmp_path / "out.json").read_text())
    assert data["schema"] == "certify/check/1"
    assert [c["verdict"] for c in data["claims"]] == ["proved", "refuted"]
    assert "after 1 step" in data["claims"][1]["example"]
    run = certify("verify", "certificates/claim-1.json")
    assert run.returncode == 0, run.stdout + run.stderr
    assert "comparison:" in run.stdout
    assert not (tmp_path / "certificates" / "claim-2.json").exists()


def test_verdicts_say_what_the_claims_are_restricted_to_and_which_they_are(certify, tmp_path):
    """A claim for γ = 1/L and N = 3 only is not printed as one about all step sizes and all N."""
    claim = 'method = "gd"\nassumptions = ["smooth-convex"]\n'
    (tmp_path / "claims.toml").write_text(
        f'[[claim]]\n{claim}set = {{ gamma = "1/L" }}\nsteps = 3\nclaim = "f(x_N) - f* <= L R^2/14"\n'
        f'[[claim]]\n{claim}where = "0 < gamma <= 1/L"\nclaim = "f(x_N) - f* <= L R^2/(4 N gamma L + 3)"\n'
    )
    lines = certify("check", "claims.toml").stdout.splitlines()
    assert lines[:2] == ["✓ claim 1: proved", "    gd under smooth-convex, gamma = 1/L, N = 3: f(x_N) - f* <= L R^2/14"]
    second = lines.index("✗ claim 2: refuted")
    assert "gd under smooth-convex, 0 < gamma <= 1/L: f(x_N)" in lines[second + 1]
    assert "-1 y" not in " ".join(lines)


def test_claims_that_cannot_be_read_do_not_stop_the_others(certify, tmp_path):
    unknown = FILE.replace('"gd"', '"gdd"').replace("right", "first").replace("wrong", "second")
    (tmp_path / "claims.toml").write_text(unknown + FILE)
    (tmp_path / "certificates").mkdir()
    run = certify("check", "claims.toml", "--certificates", "certificates", "-o", "out.json")
    assert (run.returncode, run.stdout) == (2, "")
    assert "claim 1 (first)" in run.stderr
    assert "claim 2 (second)" in run.stderr
    data = json.loads((tmp_path / "out.json").read_text())
    assert data["exit_code"] == 2
    assert [c["verdict"] for c in data["claims"]] == ["proved", "refuted"]
    assert [line.split(": ")[1] for line in data["wrong"]] == ["claim 1 (first)", "claim 2 (second)"]
    assert [p.name for p in (tmp_path / "certificates").iterdir()] == ["claim-3.json"]
    (tmp_path / "claims.toml").write_text(unknown)
    run = certify("check", "claims.toml", "-o", "none.json")
    assert run.returncode == 2
    assert run.stderr.count("Error") == 1
    assert not (tmp_path / "none.json").exists()


def test_one_line(certify):
    run = certify(*LINE, "f(x_N) - f* <= L R^2/(2 N)")
    assert run.returncode == 0, run.stderr
    assert "proved, and loose" in run.stdout
    assert "better: f(x_N) − f⋆ ≤" in run.stdout


def test_mistakes_are_shown_with_their_place(certify):
    run = certify(*LINE, "f(x_N) - f* <= L R^2/2 N")
    assert run.returncode == 2
    assert "ambiguous" in run.stderr
    assert run.stderr.rstrip().endswith("^")
    for arguments, what in (
        (["check", "none.toml"], "there is no file"),
        (["check", "f(x_N) - f* <= 1"], "needs --method"),
        (["check", "claims.toml", "-m", "gd"], "for a claim in one line"),
        ([*LINE, "--noise", "loud", "f(x_N) - f* <= 1"], "second moment or a variance"),
        ([*LINE, "--certificates", "nowhere", "f(x_N) - f* <= 1"], "not a folder"),
    ):
        run = certify(*arguments)
        assert run.returncode == 2, arguments
        assert what in run.stderr
        assert "Traceback" not in run.stderr
