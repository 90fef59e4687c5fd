"""Many methods at once: every theorem of the catalogue, in parallel, with what is known taken from the store."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from certify.analysis.catalogue import load_assumption, load_method, method_names
from certify.analysis.errors import BadInput
from certify.analysis.results import Analysis
from certify.analysis.stored import stored_analysis
from certify.language.problems import applies
from certify.store import Results, default_folder

FILE = "results.sqlite"
"""The file in the cache folder."""

Progress = Callable[[str, int, int], None]


def survey(
    methods: Sequence[str] = (),
    assumptions: Sequence[str] = (),
    *,
    measure: str | None = None,
    sdp: bool = True,
    simulate: bool = False,
    seconds: float = 30.0,
    jobs: int | None = None,
    folder: Path | None = None,
    progress: Progress | None = None,
) -> list[Analysis]:
    """Analyse the methods (all that have theorems, if none is named) under their own assumptions, or those given.

    Methods to which nothing applies are left out. `jobs` processes work at once (all processors by default); results
    are kept in `folder` (the user's cache folder by default) and re-checked by the kernel when they are used again.

    **Raises:** `BadInput` for an unknown name, or if nothing applies at all.
    """
    chosen = [name for name in methods or method_names() if _has_theorems(name, assumptions, measure)]
    if not chosen:
        raise BadInput(
            "no theorem of these methods applies under these assumptions; `certify list` shows those there are"
        )
    options = {"measure": measure, "sdp": sdp, "simulate": simulate, "seconds": seconds}
    path = results_file(folder)
    return _all(chosen, tuple(assumptions), options, path, jobs, progress)


def results_file(folder: Path | None = None) -> Path:
    """Where results are kept: in this folder, or in the user's cache folder."""
    return (folder or default_folder()) / FILE


def _has_theorems(method: str, assumptions: Sequence[str], measure: str | None) -> bool:
    kinds = [load_assumption(name) for name in assumptions]
    return any(
        (not kinds or applies(theorem, kinds)) and measure in (None, theorem.measure.name)
        for theorem in load_method(method).theorems().values()
    )


def _all(
    methods: Sequence[str],
    assumptions: tuple[str, ...],
    options: dict[str, Any],
    path: Path,
    jobs: int | None,
    progress: Progress | None,
) -> list[Analysis]:
    from joblib import Parallel, delayed

    if progress:
        progress("", 0, len(methods))
    tasks = (delayed(_one)(str(path), name, assumptions, options) for name in methods)
    found = []
    for analysis in Parallel(n_jobs=jobs or -1, return_as="generator", inner_max_num_threads=1)(tasks):
        found.append(analysis)
        if progress:
            progress(analysis.method, len(found), len(methods))
    return found


def _one(path: str, method: str, assumptions: tuple[str, ...], options: dict[str, Any]) -> Analysis:
    with Results(Path(path)) as store:
        return stored_analysis(store, method, assumptions, **options)
