"""Arrows point one way: which room may import which, read off every import statement.

cli → claims → analysis → report, training, simulate, pep, prove → methods → assumptions → language, geometry → kernel,
store.
Rooms on one level may use one another, as long as no cycle arises.
"""

import ast
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from typing import NamedTuple

import pytest

LEVELS = [
    ["kernel", "store"],
    ["geometry", "language"],
    ["assumptions"],
    ["methods"],
    ["prove", "pep", "simulate", "training", "report"],
    ["analysis"],
    ["claims"],
    ["cli"],
    ["certify", "__main__"],  # the package itself and `python -m certify`
]
LEVEL = {room: level for level, rooms in enumerate(LEVELS) for room in rooms}

# These rooms import nothing but the standard library and what is listed.
ONLY = {
    "kernel": {"certify.kernel"},
    "assumptions": {"certify.language", "certify.assumptions"},
    "methods": {"certify.language", "certify.assumptions", "certify.methods", "certify.geometry"},
}


class Import(NamedTuple):
    """One imported name: ``from flint import fmpq`` in a.py, line 3, is (a.py, 3, flint.fmpq)."""

    file: str
    line: int
    name: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line} imports {self.name}"


def imports(file: str, source: str) -> Iterator[Import]:
    """Every import statement of a module, those in functions and for type checkers included."""
    for node in ast.walk(ast.parse(source, filename=file)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(file, node.lineno, alias.name)
        elif isinstance(node, ast.ImportFrom):
            origin = "." * node.level + (node.module or "")
            for alias in node.names:
                yield Import(file, node.lineno, f"{origin}.{alias.name}")


def room_of_file(file: str) -> str:
    """``certify/kernel/check.py`` lies in ``kernel``, ``certify/__init__.py`` in ``certify``."""
    room = file.removesuffix(".py").split("/")[1]
    return "certify" if room == "__init__" else room


def room_of_import(item: Import) -> str | None:
    """The room that an imported name belongs to; none if it is not Certify's or is the version."""
    parts = item.name.split(".")
    if parts[0] != "certify" or parts[1:] == ["__version__"]:
        return None
    return parts[1] if len(parts) > 1 and parts[1] in LEVEL else "certify"


def within(name: str, packages: set[str]) -> bool:
    """Whether a dotted name is one of these packages or lies inside one."""
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def complaint(item: Import) -> str | None:
    """What is wrong with an import, in words; none if it is allowed."""
    here, there = room_of_file(item.file), room_of_import(item)
    top = item.name.split(".")[0]
    if not top:
        return "relative"
    if top in {"methods", "assumptions"}:
        return "a second copy"
    if here not in LEVEL:
        return "from a room that has no level"
    if here in ONLY and not within(item.name, ONLY[here]) and top not in sys.stdlib_module_names:
        return f"not open to {here}"
    if there is None or there == here:
        return None
    if (here, there) == ("report", "analysis"):
        is_class = item.name.rpartition(".")[2][:1].isupper()
        return None if is_class else "report takes result values from analysis, nothing else"
    if LEVEL[there] > LEVEL[here]:
        return "upwards"
    return None


def complaints(sources: dict[str, str]) -> list[str]:
    """All that is wrong in a tree given as file name → source."""
    every = [item for file, source in sources.items() for item in imports(file, source)]
    return [f"{item} ({why})" for item in every if (why := complaint(item))]


def rooms(sources: dict[str, str]) -> dict[str, set[str]]:
    """Each room and the other rooms that it imports."""
    graph: dict[str, set[str]] = {}
    for file, source in sources.items():
        here = room_of_file(file)
        targets = {room_of_import(item) for item in imports(file, source)}
        graph.setdefault(here, set()).update(room for room in targets if room not in {None, here})
    return graph


@pytest.fixture(scope="module")
def sources(modules) -> dict[str, str]:
    return {file: path.read_text(encoding="utf-8") for file, path in modules.items()}


def test_every_import_points_down(sources):
    assert complaints(sources) == []


def test_no_rooms_import_each_other_in_a_circle(sources):
    TopologicalSorter(rooms(sources)).prepare()


@pytest.mark.parametrize(
    ("file", "statement", "why"),
    [
        ("certify/kernel/check.py", "import json", None),
        ("certify/kernel/check.py", "import flint", "not open to kernel"),
        ("certify/kernel/check.py", "from certify.kernel import polynomial", None),
        ("certify/kernel/check.py", "from fractions import Fraction", None),
        ("certify/kernel/check.py", "import numpy", "not open to kernel"),
        ("certify/kernel/check.py", "import flintish", "not open to kernel"),
        ("certify/kernel/check.py", "from certify import __version__", "not open to kernel"),
        ("certify/kernel/check.py", "import certify.language", "not open to kernel"),
        ("certify/language/scalar.py", "from certify import kernel", None),
        ("certify/language/scalar.py", "def f():\n    from certify import prove", "upwards"),
        ("certify/language/scalar.py", "import certify", "upwards"),
        ("certify/language/scalar.py", "from . import rings", "relative"),
        ("certify/prove/linear.py", "import scipy.optimize", None),
        ("certify/prove/linear.py", "import certify.pep.assembly", None),
        ("certify/prove/linear.py", "from certify.analysis import analyse", "upwards"),
        ("certify/pep/assembly.py", "import methods.gradient", "a second copy"),
        ("certify/report/text.py", "from certify.analysis.result import Analysis", None),
        (
            "certify/report/text.py",
            "from certify.analysis import analyse",
            "report takes result values from analysis, nothing else",
        ),
        ("certify/cli/main.py", "from certify import __version__, report", None),
        ("certify/methods/gradient.py", "from certify.assumptions.smooth import Smooth", None),
        ("certify/methods/gradient.py", "import torch", "not open to methods"),
        ("certify/methods/gradient.py", "import certify.kernel", "not open to methods"),
        ("certify/assumptions/smooth.py", "from certify.language import norm", None),
        ("certify/assumptions/smooth.py", "import certify.methods", "not open to assumptions"),
        ("certify/helpers/misc.py", "import certify.kernel", "from a room that has no level"),
    ],
)
def test_the_rules_themselves(file, statement, why):
    (found,) = {complaint(item) for item in imports(file, statement)}
    assert found == why
