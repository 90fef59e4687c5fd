"""What the packaging tests share: where the project lies, and which modules it consists of."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = {"certify": "certify", "certify/methods": "methods", "certify/assumptions": "assumptions"}


@pytest.fixture(scope="session")
def root() -> Path:
    """The top of the source tree."""
    return ROOT


@pytest.fixture(scope="session")
def modules() -> dict[str, Path]:
    """Installed file name, such as ``certify/methods/gradient.py``, to its place in the tree."""
    found: dict[str, Path] = {}
    for installed, folder in FOLDERS.items():
        for path in sorted((ROOT / folder).rglob("*.py")):
            inside = path.relative_to(ROOT / folder)
            linked = f"{folder}/{inside.parts[0]}" in FOLDERS  # certify/methods is a link
            if not linked:
                found[f"{installed}/{inside.as_posix()}"] = path
    return found
