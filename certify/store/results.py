"""One SQLite file of results by key: safe with several processes, after a kill, and when the disk forgets it."""

from __future__ import annotations

import json
import os
import sqlite3
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any

SECONDS = 30.0
"""How long to wait for another process that writes."""


def default_folder() -> Path:
    """The user's cache folder: ``CERTIFY_CACHE`` if set, else what the platform calls it."""
    if own := os.environ.get("CERTIFY_CACHE"):
        return Path(own)
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local"
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "certify"


class Results:
    """JSON data by key in the file `path`, or in memory (``None``); a context manager that closes the file.

    Every `put` is one transaction: after a crash a result is there as a whole or not at all. A file that is damaged or
    belongs to something else is reported by `sqlite3.DatabaseError`; results are never worth more than their
    computation, so deleting the file is always right.
    """

    def __init__(self, path: Path | None) -> None:
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(path or ":memory:", timeout=SECONDS, isolation_level=None)
        try:
            self._when_free("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = NORMAL")
            self._when_free("CREATE TABLE IF NOT EXISTS results (key TEXT PRIMARY KEY, value TEXT NOT NULL)")
        except sqlite3.DatabaseError:
            self._connection.close()
            raise

    def _when_free(self, statement: str) -> None:
        # A change of the journal's mode does not wait for others by itself: SQLite's timeout does not cover it.
        give_up = time.monotonic() + SECONDS
        while True:
            try:
                self._connection.execute(statement)
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > give_up:
                    raise
                time.sleep(0.005)
            else:
                return

    def get(self, key: str) -> Any | None:
        """What is known under the key; None if nothing is, or nothing that can be read."""
        row = self._connection.execute("SELECT value FROM results WHERE key = ?", (key,)).fetchone()
        try:
            return None if row is None else json.loads(row[0])
        except ValueError:
            return None

    def put(self, key: str, value: Any) -> None:
        """Keep JSON data under the key, instead of what was there."""
        text = json.dumps(value, ensure_ascii=False, allow_nan=False)
        self._connection.execute("INSERT OR REPLACE INTO results VALUES (?, ?)", (key, text))

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def __enter__(self) -> Results:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
