"""Small matrices are faster with one thread: BLAS threads that wait for each other cost more than they bring."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, wraps
from typing import TYPE_CHECKING, ParamSpec, TypeVar

if TYPE_CHECKING:
    from threadpoolctl import ThreadpoolController

P = ParamSpec("P")
T = TypeVar("T")


@cache
def _controller() -> ThreadpoolController:
    import scipy.linalg  # noqa: F401, a controller knows the libraries that are loaded by then
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


def one_thread(action: Callable[P, T]) -> Callable[P, T]:
    """The same function, with the linear algebra libraries limited to one thread while it runs."""

    @wraps(action)
    def limited(*args: P.args, **kwargs: P.kwargs) -> T:
        libraries = _controller().lib_controllers  # its own context manager takes longer than all of a small problem
        before = [(library, threads) for library in libraries if (threads := library.num_threads or 1) > 1]
        for library, _ in before:
            library.set_num_threads(1)
        try:
            return action(*args, **kwargs)
        finally:
            for library, threads in before:
                library.set_num_threads(threads)

    return limited
