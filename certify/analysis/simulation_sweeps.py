"""Simulations along one parameter: one task a value, over joblib's backends, kept by content as they are finished."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from fractions import Fraction
from importlib import import_module
from pathlib import Path
from typing import Any
from warnings import catch_warnings, simplefilter

from certify.analysis.catalogue import is_path
from certify.analysis.errors import BadInput
from certify.analysis.simulation_request import Request
from certify.analysis.simulations import simulations
from certify.pep.questions import BadQuestion, evaluate
from certify.store import Results, code_digest, content_key

BACKENDS = ("loky", "dask", "ray")
MAX_POINTS = 10_000
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Point:
    """What the runs at one value attained: for each bound its ratio (None: nothing compared) and violations."""

    value: Fraction
    bounds: tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class SimulationSweep:
    """The points in increasing order; `reused` of them were known from an earlier run of the same code."""

    parameter: str
    request: Request
    points: tuple[Point, ...]
    reused: int

    @property
    def violated(self) -> bool:
        """Whether some run exceeds some bound."""
        return any(bound["violations"] for point in self.points for bound in point.bounds)


def sweep(
    asked: Request,
    text: str,
    store: Path,
    *,
    jobs: int | None = None,
    backend: str = "loky",
    progress: Progress | None = None,
) -> SimulationSweep:
    """Run at every value of ``NAME=FROM:TO:COUNT``.

    **Arguments**: `store`, the file in which every value is kept as soon as it is finished: a sweep that is interrupted
    and started again goes on where it was; `jobs`, how many tasks run at one time (all processors); `backend`, one of
    `BACKENDS`, where ``dask`` and ``ray`` use the cluster that their own configuration names.

    **Raises**: `BadInput`.
    """
    name, values = _grid(asked, text)
    tasks = [replace(asked, rules=(*asked.rules, f"{name}={value}")) for value in values]
    keys = [key(task) for task in tasks]
    with Results(store) as results:
        known = {k: found for k in keys if (found := results.get(k)) is not None}
    waiting = [(k, task) for k, task in zip(keys, tasks, strict=True) if k not in known]
    if progress:
        progress(f"{name}, {len(known)} known", len(known), len(tasks))
    from joblib import Parallel, delayed

    found = dict(known)
    with _backend(backend):
        parallel = Parallel(n_jobs=jobs or -1, return_as="generator")
        answers = parallel(delayed(_one)(str(store), k, task) for k, task in waiting) if waiting else ()
        for (k, _), answer in zip(waiting, answers, strict=True):
            if isinstance(answer, str):
                _ended(answers)
                raise BadInput(answer)
            found[k] = answer
            if progress:
                progress(name, len(found), len(tasks))
    points = (Point(value, tuple(found[k])) for value, k in zip(values, keys, strict=True))
    return SimulationSweep(name, asked, tuple(points), len(known))


def _ended(answers: Any) -> None:
    """Drop the tasks that are left; joblib warns of them, which is nothing that the user has to know."""
    with catch_warnings():
        simplefilter("ignore", UserWarning)
        answers.close()


def key(asked: Request) -> str:
    """What a result is kept under: the request and the code that answers it."""
    names = (asked.method, *(a.rpartition("=")[2] for a in asked.assumptions))
    return content_key({"simulate": asdict(asked), "code": code_digest([n for n in names if is_path(n)])})


def _one(store: str, k: str, asked: Request) -> list[dict[str, Any]] | str:
    """One value, kept at once; a sentence if it cannot be run (exceptions of all kinds do not travel well)."""
    try:
        found = simulations(asked)
    except BadInput as error:
        return str(error)
    answer = [
        {
            "name": one.name,
            "status": one.status,
            "ratio": None if one.comparison is None else one.comparison.worst_ratio,
            "violations": 0 if one.comparison is None else one.comparison.violations,
            "compared": 0 if one.comparison is None else one.comparison.compared,
            "reason": one.reason,
        }
        for one in found.found
    ]
    with Results(Path(store)) as results:
        results.put(k, answer)
    return answer


def _grid(asked: Request, text: str) -> tuple[str, list[Fraction]]:
    """The name and the values; ends may be formulas in what is set."""
    name, equals, span = (part.strip() for part in text.partition("="))
    parts = [part.strip() for part in span.split(":")]
    given = dict(rule.partition("=")[::2] for rules in asked.rules for rule in rules.split(","))
    if not name or not equals or len(parts) != 3 or not all(parts):
        raise BadInput(f"--sweep {text!r} must read NAME=FROM:TO:COUNT, such as gamma=1/10:19/10:10")
    if name in {n.strip() for n in given}:
        raise BadInput(f"--sweep and --set both give {name}")
    try:
        low, high, count = (evaluate(part, {n.strip(): v.strip() for n, v in given.items()}) for part in parts)
    except (BadQuestion, ValueError) as error:
        raise BadInput(f"--sweep {text!r}: {error}") from error
    if count.denominator != 1 or not 2 <= count <= MAX_POINTS or low >= high:
        raise BadInput(f"--sweep {text!r} needs FROM < TO and a COUNT from 2 to {MAX_POINTS}")
    return name, [low + (high - low) * i / (int(count) - 1) for i in range(int(count))]


@contextmanager
def _backend(name: str) -> Generator[None]:
    """joblib's own processes, or the cluster that dask or ray is configured for."""
    from joblib import parallel_config

    if name == "loky":
        with parallel_config(backend="loky", inner_max_num_threads=1):
            yield
        return
    try:
        if name == "dask":
            with import_module("distributed").Client(), parallel_config(backend="dask"):
                yield
            return
        import_module("ray.util.joblib").register_ray()
    except ImportError as error:
        raise BadInput(f"--backend {name} needs a package that is not installed: {error.name}") from error
    with parallel_config(backend=name):
        yield
