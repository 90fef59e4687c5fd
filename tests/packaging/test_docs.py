"""The documentation keeps its promises: its Python runs, its commands work, its pages and links are there.

Each page has a namespace of its own. Commands may exit with any verdict (0, 1, 3), but not with 2 or worse.
"""

import importlib.util
import os
import re
import subprocess
import sysconfig
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md"))
FENCE = re.compile(r"^```(?P<language>[^\s`]*)[^\n]*\n(?P<code>.*?)^```\s*$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
VERDICTS = (0, 1, 3)


def blocks(page: str) -> list[tuple[str, str, int]]:
    """Language, code and first line of every fenced block."""
    text = (DOCS / page).read_text(encoding="utf-8")
    return [(f["language"], f["code"], text.count("\n", 0, f.start("code")) + 1) for f in FENCE.finditer(text)]


def commands() -> list[tuple[str, str]]:
    """(page, command) for every line with a prompt."""
    found = []
    for page in PAGES:
        for language, code, _ in blocks(page):
            if language in ("", "console"):
                lines = code.replace("\\\n", " ").splitlines()
                found += [(page, line.removeprefix("$ ")) for line in lines if line.startswith("$ certify")]
    return found


@pytest.fixture
def playground(tmp_path, monkeypatch) -> Path:
    """A folder that looks like the top of the tree, in which new files do no harm."""
    for entry in ROOT.iterdir():
        if not entry.name.startswith("."):
            (tmp_path / entry.name).symlink_to(entry)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", sysconfig.get_path("scripts") + os.pathsep + os.environ["PATH"])
    return tmp_path


@pytest.mark.usefixtures("playground")
@pytest.mark.parametrize("page", [page for page in PAGES if any(b[0] == "python" for b in blocks(page))])
def test_the_python_runs(page):
    names: dict[str, object] = {"__name__": "page"}
    for language, code, line in blocks(page):
        if language == "python":
            exec(compile("\n" * (line - 1) + code, page, "exec"), names)  # noqa: S102


@pytest.mark.usefixtures("playground")
@pytest.mark.parametrize(("page", "command"), commands())
def test_the_commands_work(page, command):
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert done.returncode in VERDICTS, f"{page}: $ {command}\n{done.stdout}{done.stderr}"


def test_every_page_is_in_the_contents():
    listed = set(re.findall(r"^[\w/-]+$", (DOCS / "index.md").read_text(encoding="utf-8"), re.MULTILINE))
    assert {page.removesuffix(".md") for page in PAGES} - {"index"} == listed


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page):
    for link in LINK.findall((DOCS / page).read_text(encoding="utf-8")):
        if not re.match(r"https?:|#", link):
            assert ((DOCS / page).parent / link.partition("#")[0]).exists(), link


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("furo") is None, reason="the extra docs is not installed")
def test_the_pages_are_built_without_a_warning(tmp_path):
    command = ["python", "-m", "sphinx", "-q", "-W", "--keep-going", "-b", "html", str(DOCS), str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
