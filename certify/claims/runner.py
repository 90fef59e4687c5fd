"""The child process of `certify.claims.worker`: one claim a line in, one decision a line out, with limited memory."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import sys
import warnings
from typing import Any

from certify.analysis.errors import BadInput

MEMORY = 6 * 2**30
"""Bytes of address space; BLAS and solvers reserve much more than they touch."""


def decided(task: dict[str, Any]) -> dict[str, Any]:
    """The decision on one claim, or ``{"error": …}``."""
    from certify.claims.decide import decide
    from certify.claims.reading import claim

    try:
        return decide(claim(task["claim"]), task["seconds"], task["seed"]).to_json()
    except BadInput as error:
        return {"error": str(error)}
    except MemoryError:
        return {"error": "the memory for one claim was used up"}
    except RecursionError:
        return {"error": "a formula is too deep"}


def main() -> None:
    """Answer tasks from standard input until it closes."""
    warnings.simplefilter("ignore")
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    out = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # whatever Python or native solvers print goes elsewhere
    with contextlib.suppress(KeyboardInterrupt, BrokenPipeError):
        for line in sys.stdin:
            print(json.dumps(decided(json.loads(line))), file=out, flush=True)


if __name__ == "__main__":
    main()
