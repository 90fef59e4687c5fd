"""The process in which claims are decided: what it answers, and that its failures cost one verdict only."""

import os
import subprocess
import sys
from typing import Any

from certify.claims import worker
from certify.claims.decide import Verdict
from certify.claims.reading import claim
from certify.prove.silence import silent

TIGHT = "f(x_N) - f* <= L R^2/(4 N + 2)"
GD = {"method": "gd", "assumptions": ["smooth-convex"], "set": {"gamma": "1/L"}, "claim": TIGHT}


def test_answers_come_in_order() -> None:
    claims = [claim(GD), claim(GD | {"claim": "f(x_N) - f* <= L R^2/(4 N + 3)"})]
    seen: list[tuple[str, int, int]] = []
    found = list(worker.decisions(claims, seconds=20, progress=lambda *a: seen.append(a)))
    assert [d.verdict for d in found] == [Verdict.PROVED, Verdict.REFUTED]
    assert [s[1:] for s in seen] == [(0, 2), (1, 2), (2, 2)]


def test_a_process_that_takes_too_long_is_ended(monkeypatch: Any) -> None:
    monkeypatch.setattr(worker, "GRACE", -3.9)
    found = list(worker.decisions([claim(GD), claim(GD)], seconds=1))
    assert [d.verdict for d in found] == [Verdict.OPEN, Verdict.OPEN]
    assert "ended" in found[0].tried[0]


def test_bad_tasks_are_answered() -> None:
    from certify.claims.runner import decided

    answer = decided({"claim": {**GD, "claim": "nonsense"}, "seconds": 1, "seed": 0})
    assert "error" in answer


def test_what_native_code_prints_is_no_answer(capfd: Any) -> None:
    """HiGHS prints a line to standard output when its time is up."""
    with silent():
        os.write(1, b"noise")
    os.write(1, b"answer")
    assert capfd.readouterr().out == "answer"
    runner = "import os, certify.claims.runner as r; r.decided = lambda task: {'n': os.write(1, b'noise')}; r.main()"
    found = subprocess.run([sys.executable, "-c", runner], input="{}\n", capture_output=True, text=True, check=True)
    assert found.stdout == '{"n": 5}\n'
