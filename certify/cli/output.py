"""Where a report goes: to standard output, or to a file that is either complete or not there."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from certify.cli.errors import UserError


def check(path: Path, option: str = "--output") -> None:
    """Refuse a file that cannot be written, before any work is done."""
    folder = path.resolve().parent
    if path.is_dir():
        raise UserError(f"{option} {str(path)!r} is a folder; name a file in it")
    if not folder.is_dir():
        raise UserError(f"{option} {str(path)!r} lies in a folder that does not exist")
    if not os.access(path if path.exists() and not path.is_file() else folder, os.W_OK):
        raise UserError(f"{option} {str(path)!r} cannot be written: no permission")


def deliver(text: str, target: Path | None) -> None:
    """Write a report to its file, or to standard output if there is none."""
    if target:
        save(text, target)
    else:
        show(text)


def save(text: str | bytes, path: Path, option: str = "--output") -> None:
    """Write a new file beside the old one and put it in its place in one step."""
    target = path.resolve()  # the file that a symbolic link points to
    data = text.encode("utf-8") if isinstance(text, str) else text
    try:
        if target.exists() and not target.is_file():  # such as /dev/null
            target.write_bytes(data)
            return
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            Path(name).chmod(_mode(target))
            Path(name).replace(target)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise UserError(f"{option} {str(path)!r} cannot be written: {error.strerror}") from error


def show(text: str) -> None:
    """Write to standard output; that a reader such as `head` stops early is no error."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # so that closing it at the end does not fail


def _mode(target: Path) -> int:
    """The rights of the file that is replaced, or those of any new file."""
    if target.exists():
        return target.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
