"""The names of built-in methods and assumptions, read off the file names: nothing of theirs is imported."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path

from certify.cli.errors import UserError


def methods() -> list[str]:
    """The built-in methods, sorted."""
    return _modules("certify.methods")


def assumptions() -> list[str]:
    """The built-in assumptions, sorted."""
    return _modules("certify.assumptions")


def is_path(name: str) -> bool:
    """Whether a name means a file of the user's own."""
    return name.endswith(".py") or "/" in name


def check(method_names: Iterable[str], assumption_names: Iterable[str]) -> None:
    """Say at once, before anything heavy is imported, what does not exist; raises `UserError`."""
    asked = [("method", name) for name in method_names] + [("assumption", name) for name in assumption_names]
    for word, name in asked:
        known = methods() if word == "method" else assumptions()
        if is_path(name):
            if not Path(name).is_file():
                raise UserError(f"there is no file {name!r} to load the {word} from")
        elif name not in known:
            raise UserError(unknown(word, name, known, "`certify list` shows those there are"))


def unknown(kind: str, name: str, known: Iterable[str], otherwise: str) -> str:
    """The sentence for a name that does not exist, with the nearest name that does, or with a way to find one."""
    from difflib import get_close_matches

    near = get_close_matches(name.lower().replace("_", "-"), known, n=1, cutoff=0.5)
    return f"there is no {kind} {name!r}" + (f"; did you mean {near[0]!r}?" if near else f"; {otherwise}.")


def _modules(package: str) -> list[str]:
    spec = find_spec(package)
    folders = spec.submodule_search_locations if spec else None
    names = {path.stem.replace("_", "-") for folder in folders or () for path in Path(folder).glob("[!_]*.py")}
    return sorted(names)
