"""How a method is declared: parameters, the update as printed in a paper, and the theorems it is claimed to satisfy."""

from __future__ import annotations

from typing import Any, ClassVar

from certify.language.parameters import Parametrised
from certify.language.theorems import Theorem


class Method(Parametrised):
    """An iterative method. Subclasses set `name`, `title`, `formula` (LaTeX) and define `step`.

    The update must use only arithmetic, the functions of the language and the oracles of f: then the same code
    runs on abstract vectors, on rational numbers and on batches of tensors.
    """

    name: ClassVar[str] = ""
    title: ClassVar[str] = ""
    formula: ClassVar[str] = ""
    source: ClassVar[str] = ""

    def step(self, x: Any, f: Any) -> Any:
        """One step of the method: the next iterate."""
        raise TypeError(f"{type(self).__name__} must define step(self, x, f)")

    @classmethod
    def theorems(cls) -> dict[str, Theorem]:
        """Declared theorems by name, in the order of declaration."""
        found: dict[str, Theorem] = {}
        for base in reversed(cls.__mro__):
            found.update({t.name: t for t in vars(base).values() if isinstance(t, Theorem)})
        return found
