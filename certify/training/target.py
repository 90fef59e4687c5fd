"""``train.py:build``: the user's own script, imported, and the function in it that returns the training set-up."""

from __future__ import annotations

import importlib.util
import sys
import tomllib
import traceback
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from certify.training.errors import BadSetup, first_line
from certify.training.setup import Setup, from_build

OPTIONS = {
    "steps": int,
    "probes": int,
    "seconds": float,
    "geometry": str,
    "convex": str,
    "target": str,
}
"""What ``[tool.certify]`` or a file given by ``--config`` may say; the command line goes before it."""


def load(target: str) -> Setup:
    """Import the file and call the function (``build`` if none is named); raises `BadSetup` in one sentence."""
    file, _, name = target.rpartition(":") if ".py:" in target else (target, "", "build")
    path = Path(file)
    if path.suffix != ".py" or not path.is_file():
        raise BadSetup(f"there is no Python file {file!r}; name one as train.py:build")
    module = _imported(path)
    build = getattr(module, name or "build", None)
    if build is None:
        raise BadSetup(f"{path.name} defines no {name!r}; name the function as {path.name}:NAME")
    if not callable(build):
        raise BadSetup(f"{name!r} in {path.name} is {type(build).__name__}, not a function")
    with_path: Callable[[], Any] = build
    return from_build(_guarded(with_path, path, f"{path.name}:{name}"), f"{path.name}:{name}")


def _imported(path: Path) -> ModuleType:
    name = f"certify_target_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise BadSetup(f"{path} cannot be imported as a Python module")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    folder = str(path.resolve().parent)
    if folder not in sys.path:  # as `python train.py` does
        sys.path.insert(0, folder)
    loader = spec.loader
    _guarded(lambda: loader.exec_module(module), path, path.name)
    return module


def _guarded(action: Callable[[], Any], path: Path, what: str) -> Any:
    try:
        return action()
    except BadSetup:
        raise
    except Exception as error:
        raise BadSetup(f"{what} failed{place(error, path)}: {type(error).__name__}: {first_line(error)}") from error


def place(error: BaseException, path: Path | None) -> str:
    """`` at train.py, line 7``: the last line of the user's own file on the way to the error."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if path and Path(f.filename).name == path.name]
    return f" at {Path(frames[-1].filename).name}, line {frames[-1].lineno}" if frames else ""


def configuration(file: Path | None) -> dict[str, Any]:
    """``[tool.certify]`` of pyproject.toml here, or a TOML file (that section or all of it); raises `BadSetup`."""
    path = file or Path("pyproject.toml")
    if not path.is_file():
        if file is not None:
            raise BadSetup(f"there is no configuration file {str(file)!r}")
        return {}
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        if file is None:
            return {}
        raise BadSetup(f"{path} is not a TOML file that can be read: {first_line(error)}") from error
    section = data.get("tool", {}).get("certify")
    if section is None:
        section = data if file is not None else {}
    return {name: _checked(name, value, path) for name, value in section.items()}


def _checked(name: str, value: Any, path: Path) -> Any:
    if name not in OPTIONS:
        raise BadSetup(f"{path}: there is no option {name!r} under [tool.certify]; there are {', '.join(OPTIONS)}")
    kind = OPTIONS[name]
    fits = isinstance(value, (int, float)) if kind is float else isinstance(value, kind)
    if not fits or isinstance(value, bool):
        raise BadSetup(f"{path}: {name} is {value!r}, but must be {kind.__name__}")
    return kind(value)
