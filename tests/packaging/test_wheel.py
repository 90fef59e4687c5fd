"""What is built is what is written: no module is forgotten, none is added, versions agree."""

import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

import certify

SOURCES = ["LICENSE", "README.md", "pyproject.toml", "assumptions", "certify", "methods"]


def test_every_folder_with_modules_is_a_listed_package(root, modules):
    with (root / "pyproject.toml").open("rb") as file:
        listed = tomllib.load(file)["tool"]["setuptools"]["packages"]
    folders = {name.rpartition("/")[0].replace("/", ".") for name in modules}
    assert sorted(folders) == sorted(listed)


def test_every_package_has_an_init(modules):
    folders = {name.rpartition("/")[0] for name in modules}
    assert [folder for folder in sorted(folders) if f"{folder}/__init__.py" not in modules] == []


@pytest.mark.parametrize("folder", ["methods", "assumptions"])
def test_the_two_top_folders_refuse_their_bare_names(root, folder):
    command = [sys.executable, "-c", f"import {folder}"]
    run = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert f"ImportError: import certify.{folder}, not {folder}" in run.stderr


def test_citation_and_changelog_name_the_version(root):
    citation = (root / "CITATION.cff").read_text(encoding="utf-8")
    assert re.search(rf"^version: {re.escape(certify.__version__)}$", citation, re.MULTILINE)
    assert f"## [{certify.__version__}]" in (root / "CHANGELOG.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", [["--wheel"], []], ids=["from the tree", "from the sdist"])
def test_the_wheel_holds_exactly_the_tree(root, modules, tmp_path, kind):
    wheel = zipfile.ZipFile(build(root, tmp_path, kind))
    names = [name for name in wheel.namelist() if not name.endswith("/")]
    python = [name for name in names if name.endswith(".py")]
    assert sorted(python) == sorted(modules)
    for name, path in modules.items():
        assert wheel.read(name) == path.read_bytes(), name

    templates = {path.relative_to(root).as_posix() for path in templates_of(root)}
    other = {name for name in names if not name.endswith(".py") and ".dist-info/" not in name}
    assert other == {"certify/py.typed", "certify/report/references.toml"} | templates

    information = f"certify_rates-{certify.__version__}.dist-info"
    assert f"{information}/licenses/LICENSE" in names
    assert "certify = certify.__main__:run" in wheel.read(f"{information}/entry_points.txt").decode()


def templates_of(root: Path) -> list[Path]:
    """The report templates in the tree."""
    return [path for path in (root / "certify/report/templates").rglob("*") if path.is_file()]


def build(root: Path, scratch: Path, kind: list[str]) -> Path:
    """Build the wheel from a copy, where no earlier ``build/`` folder can slip modules into it."""
    copy = scratch / "copy"
    copy.mkdir()
    for name in SOURCES:
        source = root / name
        if source.is_dir():
            ignore = shutil.ignore_patterns("__pycache__")
            shutil.copytree(source, copy / name, symlinks=True, ignore=ignore)
        else:
            shutil.copy(source, copy / name)
    command = [sys.executable, "-m", "build", "--no-isolation", *kind, "--outdir", scratch / "dist"]
    run = subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    (wheel,) = (scratch / "dist").glob("*.whl")
    return wheel
