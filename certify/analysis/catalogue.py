"""Finding methods and assumptions: built-in ones by file name, a user's own by path. One file is all it takes.

Only the files asked for are imported, so looking one up costs nothing when there are hundreds.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from difflib import get_close_matches
from hashlib import sha256
from pathlib import Path
from types import ModuleType
from typing import TypeVar

import certify.assumptions
import certify.methods
from certify.analysis.errors import BadInput
from certify.language import Assumption, Method
from certify.language.parameters import Parametrised

Kind = TypeVar("Kind", bound=Parametrised)


def method_names() -> list[str]:
    """The built-in methods."""
    return _names(certify.methods)


def assumption_names() -> list[str]:
    """The built-in assumptions."""
    return _names(certify.assumptions)


def load_method(name: str) -> type[Method]:
    """The method of a built-in name or of a user's file; raises `BadInput` with the nearest names."""
    return _load(name, Method, certify.methods, "method")


def load_assumption(name: str) -> type[Assumption]:
    """The assumption of a built-in name or of a user's file; raises `BadInput` with the nearest names."""
    return _load(name, Assumption, certify.assumptions, "assumption")


def is_path(name: str) -> bool:
    """Whether a name given by the user means a file to run."""
    return name.endswith(".py") or "/" in name


def _names(package: ModuleType) -> list[str]:
    folder = Path(next(iter(package.__path__)))
    return sorted(p.stem.replace("_", "-") for p in folder.glob("*.py") if not p.stem.startswith("_"))


def _load(name: str, kind: type[Kind], package: ModuleType, word: str) -> type[Kind]:
    if is_path(name):
        module = _from_file(Path(name), word)
    elif name in _names(package):
        module = importlib.import_module(f"{package.__name__}.{name.replace('-', '_')}")
    else:
        near = get_close_matches(name, _names(package), n=1, cutoff=0.4)
        hint = f"did you mean {near[0]!r}?" if near else "`certify --help` lists those there are."
        raise BadInput(f"unknown {word} {name!r}; {hint}")
    own = [
        c
        for c in vars(module).values()
        if isinstance(c, type) and issubclass(c, kind) and c.__module__ == module.__name__
    ]
    named = [c for c in own if c.name]
    if len(named) != 1:
        found = ", ".join(c.__name__ for c in named) or "none"
        raise BadInput(f"{name} must define exactly one {word} class with a name (found: {found})")
    return named[0]


def _from_file(path: Path, word: str) -> ModuleType:
    if not path.is_file():
        raise BadInput(f"the {word} file {str(path)!r} does not exist")
    # Under its own name, so that files importing each other share their classes; else under a name of its own.
    name = path.stem
    known = sys.modules.get(name)
    if known is not None and Path(getattr(known, "__file__", None) or ".").resolve() == path.resolve():
        return known
    if known is not None or not name.isidentifier() or importlib.util.find_spec(name) is not None:
        name = f"certify_user_{sha256(str(path.resolve()).encode()).hexdigest()[:12]}"
        if name in sys.modules:
            return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise BadInput(f"{str(path)!r} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    folder = str(path.resolve().parent)
    sys.path.insert(0, folder)
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        del sys.modules[name]
        raise BadInput(f"{str(path)!r} could not be loaded: {type(error).__name__}: {error}") from error
    finally:
        sys.path.remove(folder)
    return module
