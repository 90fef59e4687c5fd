"""A sweep that is killed outright: what was finished is kept whole, and the next run does the rest only."""

import os
import signal
import subprocess
import sys
import time

import pytest

from certify.analysis import simulation_sweeps
from certify.analysis.simulation_request import Request
from certify.store import Results

VALUES = "gamma=1/24:1:24"
ASKED = Request("gd", bounds=("gap-rate",), rules=("L=1",), runs=200, steps=5)
RUN = f"""
from pathlib import Path
from certify.analysis import simulation_sweeps
from certify.analysis.simulation_request import Request
simulation_sweeps.sweep({ASKED!r}, {VALUES!r}, Path({{store!r}}), jobs=2)
"""
PATIENCE = 200


def _kept(path, keys):
    """The results that are in the store, by key."""
    if not path.exists():
        return {}
    with Results(path) as results:
        return {k: found for k in keys if (found := results.get(k)) is not None}


@pytest.mark.slow
def test_a_killed_sweep_is_taken_up_where_it_was(tmp_path):
    """SIGKILL of all its processes, those of joblib included, in the middle of the work."""
    path, fresh = tmp_path / "results.sqlite", tmp_path / "fresh.sqlite"
    name, values = simulation_sweeps._grid(ASKED, VALUES)
    asked = [simulation_sweeps.replace(ASKED, rules=(*ASKED.rules, f"{name}={v}")) for v in values]
    keys = [simulation_sweeps.key(task) for task in asked]
    process = subprocess.Popen([sys.executable, "-c", RUN.format(store=str(path))], start_new_session=True)
    begin = time.monotonic()
    while len(_kept(path, keys)) < 3:
        assert process.poll() is None
        assert time.monotonic() < begin + PATIENCE
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    time.sleep(0.1)
    kept = _kept(path, keys)
    assert 3 <= len(kept) < len(keys)
    again = simulation_sweeps.sweep(ASKED, VALUES, path, jobs=2)
    assert again.reused == len(kept)
    whole = simulation_sweeps.sweep(ASKED, VALUES, fresh, jobs=1)
    assert whole.reused == 0
    assert whole.points == again.points
    assert all(kept[k] == list(p.bounds) for k, p in zip(keys, whole.points, strict=True) if k in kept)
    assert simulation_sweeps.sweep(ASKED, VALUES, path, jobs=1).reused == len(keys)
