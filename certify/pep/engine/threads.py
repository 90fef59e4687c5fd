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
        with _controller().limit(limits=1):
            return action(*args, **kwargs)

    return limited
