"""Functions of the line as members of classes, those of layer-wise methods included, and their oracles."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from certify.simulate.membership import MEMBERSHIP, Predicate
from certify.simulate.recorded import Recorded

KNOWN: Mapping[str, Predicate] = {
    **MEMBERSHIP,
    "smooth-above": lambda f, c, radii: f.is_smooth(c["L"]),
    "layerwise-smooth": lambda f, c, radii: f.is_smooth(c["L0"]),
    "layerwise-smooth-gradients": lambda f, c, radii: f.is_smooth(c["L0"]),
    "layerwise-lipschitz": lambda f, c, radii: f.is_smooth(c["L"]),
    "layerwise-dominated": lambda f, c, radii: f.is_pl(c["mu"]),
    "layerwise-pl": lambda f, c, radii: f.is_smooth(c["L0"]) and f.is_pl(c["mu"]),
}
"""What functions of the line satisfy, or what is more than an assumption asks for."""


class Line(Recorded):
    """A function of the line, where the linear minimisation oracle of every norm is a sign."""

    def lmo(self, g: Any, alpha: Any = 1, b: Any = 1) -> Any:
        """−sign(g), and 0 for g = 0; oracles of lower quality are allowed to be this one."""
        return Fraction((g < 0) - (g > 0))
