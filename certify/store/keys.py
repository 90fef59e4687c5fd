"""Keys that change whenever the question or the code that answers it changes."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any


def content_key(question: Any) -> str:
    """SHA-256 of the question (JSON data) in canonical form, as 64 hexadecimal digits.

    **Raises:** `TypeError` or `ValueError` for what is not JSON data, NaN and infinities included.
    """
    text = json.dumps(question, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return sha256(text.encode()).hexdigest()


def code_digest(own_files: Iterable[str | Path] = ()) -> str:
    """SHA-256 over every source file of Certify and over a user's own files, by content; milliseconds.

    A change in any of them, a comment included, makes all keys new: safe rather than clever.
    """
    digest = sha256(_package_digest().encode())
    for path in own_files:
        digest.update(sha256(Path(path).read_bytes()).digest())
    return digest.hexdigest()


@cache
def _package_digest() -> str:
    folder = Path(__file__).resolve().parent.parent
    digest = sha256()
    # Folders are followed through symbolic links: in a source tree methods and assumptions are such.
    for path in sorted([*folder.rglob("*.py"), *folder.glob("methods/*.py"), *folder.glob("assumptions/*.py")]):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0")
        digest.update(sha256(path.read_bytes()).digest())
    return digest.hexdigest()
