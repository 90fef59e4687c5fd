"""The command, run in a process of its own, with a stand-in for the analysis where nothing is to be proved."""

import os
import pty
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest

ROOT = Path(__file__).resolve().parents[2]

STAND_IN = """
import json, sys, types
from certify.analysis.errors import BadInput
from certify.analysis.results import Analysis, Formula, TheoremResult, Verdict

def analyse(method, assumptions, **options):
    if (progress := options.pop("progress")) is not None:
        progress("proving the claim", 0, 1)
    print(json.dumps([method, list(assumptions), options], default=list), file=sys.stderr)
    if options["seed"] == 13:
        raise BadInput("the seed 13 brings bad luck")
    if options["seed"] == 14:
        raise RuntimeError("a bug")
    if options["seed"] == 15:
        raise KeyboardInterrupt
    verdict = {0: Verdict.PROVED, 1: Verdict.REFUTED, 3: Verdict.OPEN}[options["seed"]]
    claim = Formula("f(x⁺) ≤ f(x)", "f(x^+) < f(x)")
    theorem = TheoremResult("gd/claim", "gap", claim, claim, verdict, *(None,) * 5, "", (), None, "")
    return Analysis("gd", "gradient descent", claim, (), {}, (theorem,), 0.5)

module = types.ModuleType("certify.analysis.analyse")
module.analyse = analyse
sys.modules["certify.analysis.analyse"] = module

from certify.cli.main import main
sys.exit(main(sys.argv[1:]))
"""


class Runner(Protocol):
    """Runs the command with these arguments, with more environment and with options of `subprocess.run`."""

    def __call__(
        self, *arguments: object, environment: dict[str, str] | None = None, **options: Any
    ) -> subprocess.CompletedProcess[str]: ...


def runner(program: list[str], folder: Path) -> Runner:
    """Runs a program in a folder, without colour settings from outside."""
    kept = {k: v for k, v in os.environ.items() if k not in {"NO_COLOR", "FORCE_COLOR", "COLUMNS"}}
    kept |= {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}

    def run(
        *arguments: object, environment: dict[str, str] | None = None, **options: Any
    ) -> subprocess.CompletedProcess[str]:
        usual: dict[str, Any] = {
            "stdout": subprocess.PIPE,
            "stderr": subprocess.PIPE,
            "encoding": "utf-8",
            "timeout": 120,
        }
        command = [*program, *map(str, arguments)]
        return subprocess.run(command, cwd=folder, env=kept | (environment or {}), check=False, **(usual | options))

    return run


@pytest.fixture
def certify(tmp_path) -> Runner:
    """The real command."""
    return runner([sys.executable, "-m", "certify"], tmp_path)


@pytest.fixture
def stand_in(tmp_path) -> Runner:
    """The command with an analysis that is proved, refuted (seed 1) or open (seed 3) at once."""
    return runner([sys.executable, "-c", STAND_IN], tmp_path)


@pytest.fixture
def loaded(tmp_path) -> Callable[..., set[str]]:
    """The top-level modules that the command has imported when it ends."""
    program = (
        "import sys; from certify.cli.main import main; main(sys.argv[1:]); print(*sys.modules, file=open('m', 'w'))"
    )

    def names(*arguments: str) -> set[str]:
        runner([sys.executable, "-c", program], tmp_path)(*arguments)
        return {name.partition(".")[0] for name in (tmp_path / "m").read_text().split()}

    return names


@pytest.fixture
def terminal() -> Iterator[tuple[int, Callable[[], str]]]:
    """A pseudo-terminal to write to, and a function that closes it and tells what was written."""
    main, worker = pty.openpty()
    chunks: list[bytes] = []

    def read() -> None:
        while True:
            try:
                chunks.append(os.read(main, 65_536))
            except OSError:  # the other end is closed
                return

    reader = threading.Thread(target=read)
    reader.start()

    def written() -> str:
        os.close(worker)
        reader.join()
        return b"".join(chunks).decode()

    yield worker, written
    os.close(main)
