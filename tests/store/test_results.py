"""Results by content: keys that notice every change, and a file that survives."""

import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from certify.store import Results, code_digest, content_key, default_folder


def test_the_key_is_about_content_and_not_about_order():
    assert content_key({"a": 1, "b": [2, "γ"]}) == content_key({"b": [2, "γ"], "a": 1})
    assert content_key({"a": 1}) != content_key({"a": "1"})
    assert content_key([1, 2]) != content_key([2, 1])
    with pytest.raises(ValueError, match="not JSON compliant"):
        content_key(float("nan"))


def test_the_digest_covers_a_users_own_file(tmp_path):
    own = tmp_path / "own.py"
    own.write_text("x = 1\n")
    before = code_digest([own])
    assert before != code_digest()
    own.write_text("x = 2\n")
    assert code_digest([own]) != before


def test_the_digest_covers_methods_and_assumptions(monkeypatch):
    from certify.store import keys

    read = []
    original = Path.read_bytes
    monkeypatch.setattr(Path, "read_bytes", lambda self: read.append(self) or original(self))
    keys._package_digest.__wrapped__()
    names = {"/".join(p.parts[-2:]) for p in read}
    assert {"methods/gd.py", "assumptions/smooth.py", "kernel/__init__.py", "store/keys.py"} <= names


def test_what_is_put_is_there_after_closing(tmp_path):
    path = tmp_path / "deep" / "results.sqlite"
    with Results(path) as results:
        assert results.get("k") is None
        results.put("k", {"rate": "1/2", "γ": [1, None]})
        results.put("k", {"rate": "1/3"})
    with Results(path) as results:
        assert results.get("k") == {"rate": "1/3"}


def test_what_is_not_json_is_refused_and_leaves_what_was_there():
    with Results(None) as results:
        results.put("k", 1)
        with pytest.raises(ValueError, match="not JSON compliant"):
            results.put("k", float("inf"))
        assert results.get("k") == 1


def test_a_value_that_cannot_be_read_counts_as_missing(tmp_path):
    path = tmp_path / "results.sqlite"
    with Results(path) as results:
        results.put("k", 1)
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE results SET value = '{broken'")
    with Results(path) as results:
        assert results.get("k") is None


def test_a_file_of_something_else_is_not_written_to(tmp_path):
    path = tmp_path / "results.sqlite"
    path.write_text("not a database " * 100)
    with pytest.raises(sqlite3.DatabaseError, match="not a database"):
        Results(path)
    assert path.read_text().startswith("not a database")


WRITER = """
import sys
from pathlib import Path
from certify.store import Results

with Results(Path(sys.argv[1])) as results:
    for i in range(50):
        results.put(f"{sys.argv[2]}-{i}", i)
"""


def test_several_processes_write_at_once(tmp_path):
    path = tmp_path / "results.sqlite"
    processes = [subprocess.Popen([sys.executable, "-c", WRITER, path, str(n)]) for n in range(3)]
    assert [process.wait() for process in processes] == [0, 0, 0]
    with Results(path) as results:
        assert all(results.get(f"{n}-{i}") == i for n in range(3) for i in range(50))


def test_a_file_may_be_made_by_several_at_once(tmp_path):
    # SQLite refuses some of them at once, whatever its timeout is, about every tenth time.
    together = threading.Barrier(4, timeout=20)

    def make(n: int) -> int:
        for i in range(100):
            together.wait()
            with Results(tmp_path / f"{i}.sqlite") as results:
                results.put(str(n), n)
        return n

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(make, range(4))) == [0, 1, 2, 3]


def test_the_folder_can_be_chosen(monkeypatch, tmp_path):
    monkeypatch.setenv("CERTIFY_CACHE", str(tmp_path))
    assert default_folder() == tmp_path
    monkeypatch.delenv("CERTIFY_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert default_folder().name == "certify"
