"""The examples work as their docstrings say: a method and an assumption of a user's own, by path."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
QUICK = ["--no-sdp", "--no-simulate"]


def certify(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "certify", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_method_of_ones_own_is_proved():
    run = certify(EXAMPLES / "polyak.py", *QUICK)
    assert run.returncode == 0, run.stderr
    assert "polyak/convex/distance" in run.stdout
    assert "2 proved" in run.stdout


def test_an_assumption_of_ones_own_is_proved_implied_and_verified(tmp_path):
    saved = tmp_path / "polyak.json"
    run = certify(EXAMPLES / "polyak.py", "--assumption", EXAMPLES / "sharp.py", *QUICK, "-o", saved)
    assert run.returncode == 0, run.stderr
    rows = {t["id"]: t for t in json.loads(saved.read_text())["theorems"]}
    assert rows["polyak/sharp/distance-sharp"]["verdict"] == "proved"
    assert "which sharp implies" in rows["polyak/sharp/distance"]["notes"][0]
    own = [f"--file={name}={EXAMPLES / name}.py" for name in ("polyak", "sharp")]
    assert certify("verify", saved, *own).returncode == 0


def test_a_file_named_inside_a_certificate_is_never_run(tmp_path):
    saved = tmp_path / "polyak.json"
    assert certify(EXAMPLES / "polyak.py", *QUICK, "-o", saved).returncode == 0
    data = json.loads(saved.read_text())
    trap = tmp_path / "trap.py"
    trap.write_text(f"open({str(tmp_path / 'sprung')!r}, 'w')\n")
    for theorem in data["theorems"]:
        theorem["certificate"]["theorem"]["method"] = str(trap)
    saved.write_text(json.dumps(data))
    assert certify("verify", saved).returncode == 2
    assert not (tmp_path / "sprung").exists()


@pytest.mark.slow
def test_trajectories_and_worst_cases_run_for_a_method_of_ones_own():
    run = certify(EXAMPLES / "polyak.py", "--assumption", "convex", "--theorem", "distance")
    assert run.returncode == 0, run.stderr
    assert "no violation" in run.stdout
