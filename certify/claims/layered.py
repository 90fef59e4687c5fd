"""Claims about layer-wise methods: sums over layers, the largest of all layers, and the rules of one method's family.

``sum_i t_i ||grad_i f(x_k)||_*`` is read as ``sum(t ||grad f(x_k)||)``: everything is written for one generic layer. A
claim with neither a sum nor a largest value is about a space that is one layer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from certify.analysis.errors import BadInput
from certify.claims.formulas import Call, Formula, Name, Power, Product, Quantity, walk
from certify.language import Method

LAYERS = "layers"
SUMMED, LARGEST = "sum", "largest"
COUNT = "p"
"""The number of layers."""
MEASURES = ("gradients", "radius-gradients", "squared-gradients")
"""Σᵢ‖∇ᵢf(x)‖*, Σᵢ tᵢ‖∇ᵢf(x)‖* and Σᵢ γᵢ‖∇ᵢf(x)‖*²."""
_PLAIN = (
    (r"\\sum|∑|Σ|(?<![A-Za-z])sum", " sum "),
    (r"sum\s*_(?:\{\s*i\s*(?:=\s*1\s*)?\}|i(?![A-Za-z]))\s*(?:\^\s*(?:p|\{\s*p\s*\}))?", "sum "),
    (r"\\max\s*_\s*(?:i(?![A-Za-z])|\{\s*i\s*\})|(?<![A-Za-z])max_(?:i(?![A-Za-z])|\{i\})", " largest "),
    (r"L\s*_\s*i\s*\^\s*(?:\{\s*([01])\s*\}|([01]))", r"L\1\2"),
    (r"L\s*\^\s*(?:\{\s*([01])\s*\}|([01]))\s*_\s*(?:i(?![A-Za-z])|\{\s*i\s*\})", r"L\1\2"),
    (r"L\s*_\s*\{\s*([01])\s*,\s*i\s*\}|L\s*_\s*\{\s*i\s*,\s*([01])\s*\}", r"L\1\2"),
    (r"_\s*(?:i(?![A-Za-z])|\{\s*i\s*\})|ᵢ", ""),
    (r"(\|\||\\\||‖|\\rVert)\s*_\s*(?:\{\s*(?:\(i\))?\s*(?:\*|\\star|\\ast)\s*\}|\*|⋆|\\star|\\ast|∗)", r"\1"),
)


def plain(text: str) -> str:
    """The text without the index i of a layer and without the star of dual norms."""
    for pattern, instead in _PLAIN:
        text = re.sub(pattern, instead, text)
    return text


def layered(kind: type[Method]) -> bool:
    """Whether the method works layer by layer."""
    return kind.home == LAYERS


def several(*formulas: Formula) -> bool:
    """Whether a formula speaks of several layers."""
    return any(isinstance(p, Call) and p.function in (SUMMED, LARGEST) for f in formulas for p in walk(f))


@cache
def rule(kind: type[Method], word: str) -> type[Method]:
    """The method of the family with another rule for its radii or directions; raises `BadInput`."""
    found = rules(kind)
    if not found:
        raise BadInput(f"{kind.name} has no variants; leave 'variant' out")
    if word not in found:
        raise BadInput(f"{kind.name} has no rule {word[:40]!r}; there are {', '.join(found)}")
    base = found[word]
    own = {"name": kind.name, "title": f"{kind.title}, {word}", "layer_norms": kind.layer_norms}
    return type(base.__name__, (base,), {"__doc__": base.__doc__, "__module__": base.__module__, **own})


def rules(kind: type[Method]) -> dict[str, type[Method]]:
    """The rules of the family by name, such as ``adaptive``, ``fixed``, ``momentum``."""
    parents: list[type[Method]] = [b for b in kind.__mro__[1:2] if issubclass(b, Method) and b is not Method]
    family: tuple[type[Method], ...] = (*parents, *kind.variants)
    return {re.sub(r"(?<=[a-z])(?=[A-Z])", "-", c.__name__).lower(): c for c in family}


def measured(left: Formula) -> tuple[str, int] | None:
    """The measure that the left side is, and its power; None for others."""
    if isinstance(left, Call) and left.function == SUMMED:
        match left.arguments[0]:
            case Quantity("gradient", _):
                return "gradients", 1
            case Product(Name("t"), Quantity("gradient", _)) | Product(Quantity("gradient", _), Name("t")):
                return "radius-gradients", 1
            case Product(Name("gamma"), Power(Quantity("gradient", _))):
                return "squared-gradients", 1
        raise BadInput(
            "sums that are measured are those of ||grad f(x_k)||, t ||grad f(x_k)|| or gamma ||grad f(x_k)||^2"
        )
    return None


def unindexed(entry: Mapping[str, object]) -> dict[str, object]:
    """The entry with all formulas in the notation of one generic layer."""
    changed = {
        k: plain(v) if isinstance(v, str) else v for k, v in entry.items() if k in ("claim", "bound", "complexity")
    }
    for key in ("where",):
        value = entry.get(key)
        if isinstance(value, list):
            changed[key] = [plain(v) if isinstance(v, str) else v for v in value]
        elif isinstance(value, str):
            changed[key] = plain(value)
    given = entry.get("set")
    if isinstance(given, dict):
        changed["set"] = {plain(str(k)): plain(v) if isinstance(v, str) else v for k, v in given.items()}
    return {**entry, **changed}
