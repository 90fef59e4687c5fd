"""The space that a claim is about: its norm, and whether it is made of layers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from certify.analysis.errors import BadInput
from certify.claims import layered
from certify.claims.claim import Claim
from certify.claims.naming import text
from certify.language import Method


def norm_of(entry: Mapping[str, Any], kind: type[Method]) -> str:
    """The name of the norm, which must exist; layer-wise methods have their own."""
    if layered.layered(kind):
        if "norm" in entry:
            raise BadInput(f"{kind.name} has the norms of its layers; leave 'norm' out")
        return "any"
    word = text(entry, "norm", "euclidean")
    if word not in ("euclidean", "any"):
        from certify.geometry import named

        try:
            named(word)
        except ValueError as error:
            raise BadInput(str(error)) from error
    return word


def over_layers(made: Claim) -> Claim:
    """The claim with what it says of layers: of one, or of several."""
    formulas = [made.bound, *([made.complexity] if made.complexity is not None else []), *made.values.values()]
    formulas += [side for c in made.conditions for side in (c.left, c.right)]
    several = layered.several(*formulas) or made.measured.what in layered.MEASURES
    if not layered.layered(made.method):
        if several:
            raise BadInput(f"{made.method.name} does not work layer by layer: there is nothing to sum over")
        return made
    if layered.several(*made.values.values(), *(s for c in made.conditions for s in (c.left, c.right))):
        raise BadInput("conditions and ties are about one layer each; sums belong in the bound")
    if made.measured.what == "distance" or (several and made.measured.what in ("gradient", "subgradient")):
        raise BadInput("of layers a claim speaks of f(x_N) - f*, or of (a sum of) ||grad f(x_k)||")
    return replace(made, layers="several" if several else "one")
