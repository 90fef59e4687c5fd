"""How a method is declared: parameters, the update as printed in a paper, and the theorems it is claimed to satisfy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from inspect import signature
from typing import Any, ClassVar

from certify.language.conjectures import Conjecture
from certify.language.measures import Measure
from certify.language.outcomes import Outcomes
from certify.language.parameters import Blocks, Horizon, Parametrised
from certify.language.rates import Rate
from certify.language.theorems import Theorem


class Method(Parametrised):
    """An iterative method. Subclasses set `name`, `title`, `formula` (LaTeX) and define `step`.

    The update must use only arithmetic, the functions of the language and the oracles of its functions: then the
    same code runs on abstract vectors, on rational numbers and on batches of tensors. It may not ask for values (``if
    k == 0``, ``min(γ, 1/L)``): symbols have none, and no theorem is posed about a method that does.

    A method with memory keeps it in a state, any immutable value made of vectors and numbers (a NamedTuple reads
    well), momentum coefficients and iteration counters included::

        class State(NamedTuple):
            x: Any
            y: Any
            k: int

        def start(self, x, f):
            return State(x, x, 0)

        def step(self, state, f):
            x = state.y - f.gradient(state.y) / self.L
            return State(x, x + Fraction(state.k, state.k + 3) * (x - state.x), state.k + 1)

        def output(self, state):
            return state.x
    """

    name: ClassVar[str] = ""
    title: ClassVar[str] = ""
    formula: ClassVar[str] = ""
    source: ClassVar[str] = ""
    functions: ClassVar[tuple[str, ...]] = ("f",)
    """The roles: names of the functions or operators that the update works on, in the order in which it gets them.
    What is assumed of a role decides whether it is a function or an operator."""
    starts: ClassVar[tuple[str, ...]] = ("x",)
    """Names of the starting points that `start` gets, if there is more than one (primal and dual, say)."""
    home: ClassVar[str] = "euclidean"
    """The space of its analysis if no norm is asked for: ``"euclidean"``, or ``"layers"``, each with its own norm."""
    layer_norms: ClassVar[tuple[str, ...]] = ("spectral", "linf", "l2")
    """Names of the layers' norms in runs; theorems hold for any norms."""
    variants: ClassVar[tuple[type[Any], ...]] = ()
    """Methods with another rule for the steps, say, whose theorems are listed with this method's own."""
    conjectures: ClassVar[tuple[Conjecture, ...]] = ()
    """Statements that are no theorems about a step: refuted by a counterexample that is replayed, or open."""
    measures: ClassVar[tuple[Measure, ...]] = ()
    """Measures of its own that may be asked for by name; those of its rates may be, anyway."""

    def step(self, *args: Any, **kwargs: Any) -> Any:
        """``step(self, state, f)``: the next state (of a method without memory: the next iterate).

        With ``*, k`` in its signature it also gets the number of steps before this one, for step sizes that change.
        """
        raise TypeError(f"{type(self).__name__} must define step(self, x, {', '.join(self.functions)})")

    def advance(self, k: Any, state: Any, *functions: Any) -> Any:
        """Step number k, counted from 0, from every outcome: `step`, with the keyword ``k`` if it asks for it."""
        if isinstance(state, Outcomes):
            return state.then(lambda single: self.advance(k, single, *functions))
        return self.step(state, *functions, k=k) if self.clocked() else self.step(state, *functions)

    @classmethod
    def clocked(cls) -> bool:
        """Whether the update depends on the number k of steps before it: ``step(self, x, f, *, k)``."""
        return _asks_for_clock(cls.step)

    def start(self, *args: Any, **kwargs: Any) -> Any:
        """``start(self, x, f)``: the first state, by default the starting point (or the tuple of them)."""
        return args[0] if len(self.starts) == 1 else args[: len(self.starts)]

    def output(self, state: Any) -> Any:
        """The iterate that measures look at (one for each starting point); by default the state itself."""
        return state

    def solution(self, *args: Any, **kwargs: Any) -> Any:
        """``solution(self, f)``: x⋆ (or a tuple, one point for each starting point).

        By default a minimiser of the sum of the functions, or a zero of the sum of the operators. Fixed-point methods
        say ``return T.fixed_point``.
        """
        total = args[0]
        for other in args[1:]:
            total = total + other
        return total.minimizer if hasattr(type(total), "minimizer") else total.zero

    @classmethod
    def stateless(cls) -> bool:
        """Whether the update maps an iterate to the next, with one function: what one-step theorems are about."""
        return cls.plain() and len(cls.functions) == len(cls.starts) == 1 and cls.horizon() is None

    @classmethod
    def plain(cls) -> bool:
        """Whether the state is the starting point, or the tuple of them, and so is what measures look at."""
        return cls.start is Method.start and cls.output is Method.output

    @classmethod
    def steady(cls) -> bool:
        """Whether all steps are alike, with or without memory: no step knows how many there will be."""
        return cls.horizon() is None

    @classmethod
    def horizon(cls) -> str | None:
        """The symbol of the parameter that is the total number of steps, if there is one."""
        return next((s for s, p in cls.parameters().items() if isinstance(p, Horizon)), None)

    def blocks(self) -> int:
        """How many blocks the coordinates of the space fall into: the value of a parameter, or 1."""
        found = [p for p in self.parameters().values() if isinstance(p, Blocks)]
        return int(self.value_of(found[0])) if found else 1

    @classmethod
    def theorems(cls) -> dict[str, Theorem]:
        """Declared theorems by name, in the order of declaration, then those of the variants."""
        found = {n: replace(t, roles=len(cls.functions)) for n, t in _declared(cls, Theorem).items()}
        for variant in cls.variants:
            found |= {n: replace(t, variant=variant) for n, t in variant.theorems().items() if n not in found}
        return found

    @classmethod
    def rates(cls) -> dict[str, Rate]:
        """Declared rates by name, in the order of declaration."""
        return _declared(cls, Rate)


@cache
def _asks_for_clock(step: Callable[..., Any]) -> bool:
    return "k" in signature(step).parameters


def _declared(cls: type[Method], kind: type[Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for base in reversed(cls.__mro__):
        found.update({value.name: value for value in vars(base).values() if isinstance(value, kind)})
    return found
