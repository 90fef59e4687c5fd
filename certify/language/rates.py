"""A rate is a row of the literature: after N steps, measure ≤ value · initial, under these assumptions, by this source.

Rates are goals to be compared with certified worst cases; they never enter a verdict. One is declared inside a method
by decorating a function of the constants of its functions and of N::

    @rate(SmoothConvex, measure=GAP, initial=DISTANCE, tight=True, source="Drori, Teboulle (2014), Theorem 3.1",
          holds=lambda self, f, N: self.step_size * f.L <= 1, at=[{"L": 1, "gamma": "1/2", "N": 3}])
    def gap_rate(self, f, N):
        return f.L / (4 * N * self.step_size * f.L + 2)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

from certify.language.assumptions import Assumption
from certify.language.measures import Measure

Kinds = tuple[type[Assumption], ...]
Point = Mapping[str, int | str | Fraction]
"""Numbers by symbol, exact (``"1/2"``, ``"0.1"``) or formulas in the others (``"1/L"``); ``"N"``: how many steps.
Where two roles have constants of the same name, ``"f.L"`` and ``"h.L"`` tell them apart."""


@dataclass(frozen=True, slots=True)
class Rate:
    """One declared row. `assumptions` has one entry for each role of the method.

    `tight` says that the source claims equality; `at` are parameter points where the row is to be reproduced; `holds`
    decides, from the same arguments as `value`, where it is claimed. If `whole`, both get the bound on the initial
    quantity as a last argument, and `value` returns the whole right-hand side.
    """

    name: str
    assumptions: tuple[Kinds, ...]
    measure: Measure
    initial: Measure
    value: Callable[..., Any]
    statement: str
    tight: bool = False
    source: str = ""
    at: tuple[Point, ...] = ()
    holds: Callable[..., Any] | None = None
    whole: bool = False

    def applies(self, given: Sequence[Sequence[type[Assumption]]]) -> bool:
        """Whether, role by role, every assumption the row needs is given or implied."""
        if len(given) != len(self.assumptions):
            return False
        available = [frozenset().union(*(a.closure() for a in role)) for role in given]
        return all(set(needed) <= have for needed, have in zip(self.assumptions, available, strict=True))

    def claimed(
        self, method: Any, constants: Sequence[Mapping[str, Any]], steps: int, initial: Any = 1
    ) -> Fraction | float | None:
        """The right-hand side after `steps` steps if the initial quantity is at most `initial`.

        `constants` are those of the functions, role by role. None where the row is not claimed.
        """
        arguments = [method, *(SimpleNamespace(**own) for own in constants), steps]
        if self.whole:
            arguments.append(initial)
        if self.holds is not None:
            answer = self.holds(*arguments)
            if not (all(answer) if isinstance(answer, tuple | list) else answer):
                return None
        value = self.value(*arguments)
        return _number(value if self.whole else value * initial)


def rate(
    *assumptions: type[Assumption] | Kinds,
    measure: Measure,
    initial: Measure,
    tight: bool = False,
    source: str = "",
    at: Sequence[Point] = (),
    holds: Callable[..., Any] | None = None,
    whole: bool = False,
) -> Callable[[Callable[..., Any]], Rate]:
    """Declare the decorated function as a rate of its method.

    **Arguments:** one positional argument for each role of the method, in order: an assumption, or a tuple of
    assumptions that hold together. The function gets (self, one set of constants for each role, N) and returns a
    number: measure(x_N) ≤ value · initial(x_0). The first paragraph of its docstring states the row. See `Rate` for the
    rest.
    """

    def declare(value: Callable[..., Any]) -> Rate:
        kinds = tuple(a if isinstance(a, tuple) else (a,) for a in assumptions)
        statement = " ".join((value.__doc__ or "").partition("\n\n")[0].split())
        name = getattr(value, "__name__", "rate").replace("_", "-")
        return Rate(name, kinds, measure, initial, value, statement, tight, source, tuple(at), holds, whole)

    return declare


def _number(value: Any) -> Fraction | float:
    return value if isinstance(value, float) else Fraction(value)
