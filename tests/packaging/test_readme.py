"""The README keeps its promises: its Python runs, its commands exit with 0, its setup is whole.

Code fenced as ``python`` runs from top to bottom in one namespace. Of a block that begins with
``$ certify``, every line with a prompt is run. The two setup blocks are run by ``.ci/run``.
"""

import doctest
import os
import re
import subprocess
import sysconfig
from pathlib import Path
from typing import NamedTuple

import pytest

README = Path(__file__).resolve().parents[2] / "README.md"
FENCE = re.compile(r"^```(?P<language>\w*)[^\n]*\n(?P<code>.*?)^```\s*$", re.MULTILINE | re.DOTALL)


class Block(NamedTuple):
    """A fenced block of code and the line of the README on which its code begins."""

    language: str
    code: str
    line: int


def blocks() -> list[Block]:
    """The README's fenced blocks, in order; none while there is no README."""
    text = README.read_text(encoding="utf-8") if README.exists() else ""
    return [
        Block(found["language"], found["code"], text.count("\n", 0, found.start("code")) + 1)
        for found in FENCE.finditer(text)
    ]


def commands() -> list[str]:
    """The lines with a prompt of the blocks that begin with ``$ certify``."""
    shell = [block.code.replace("\\\n", " ") for block in blocks()]
    return [
        line.removeprefix("$ ")
        for code in shell
        if code.startswith("$ certify")
        for line in code.splitlines()
        if line.startswith("$ ")
    ]


@pytest.fixture
def playground(root, tmp_path, monkeypatch) -> Path:
    """A folder that looks like the top of the tree, in which new files do no harm."""
    for entry in root.iterdir():
        if not entry.name.startswith("."):
            (tmp_path / entry.name).symlink_to(entry)
    monkeypatch.chdir(tmp_path)
    scripts = sysconfig.get_path("scripts")
    monkeypatch.setenv("PATH", scripts + os.pathsep + os.environ["PATH"])
    return tmp_path


@pytest.mark.parametrize(
    "setup",
    [
        r"pip install \.\ncertify bpm --assumption ball-convex\n",
        r'pip install -e "\.\[dev\]"\npytest -n auto\n',
    ],
    ids=["to use it", "to develop it"],
)
def test_the_setup_blocks_are_there(setup):
    plain = [re.sub(r"^\$ |[ \t]+#.*", "", block.code, flags=re.MULTILINE) for block in blocks()]
    assert any(re.fullmatch(setup, code) for code in plain)


@pytest.mark.usefixtures("playground")
def test_the_python_runs():
    python = [block for block in blocks() if block.language in {"python", "py", "pycon"}]
    assert python
    names: dict[str, object] = {"__name__": "readme"}
    for block in python:
        if block.code.startswith(">>>"):
            session = doctest.DocTestParser().get_doctest(block.code, names, "README.md", str(README), block.line - 1)
            runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
            assert runner.run(session, clear_globs=False).failed == 0
            names = session.globs
        else:
            lines_before = "\n" * (block.line - 1)  # so that a traceback names the README's line
            exec(compile(lines_before + block.code, str(README), "exec"), names)  # noqa: S102


@pytest.mark.usefixtures("playground")
@pytest.mark.parametrize("command", commands())
def test_the_commands_exit_with_0(command):
    shell = ["bash", "-euo", "pipefail", "-c", command]
    run = subprocess.run(shell, capture_output=True, text=True, check=False)
    assert run.returncode == 0, f"$ {command}\n{run.stdout}{run.stderr}"


def test_some_command_is_shown():
    assert commands()
