"""What a claim says, checked: method, assumptions, ranges of parameters, measure, bound, and for which N."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from certify.claims.formulas import Formula, Name, Power, Product, Quotient, walk
from certify.claims.parser import Comparison
from certify.language import Assumption, Method
from certify.language.parameters import Parameter

QUANTITIES = ("R", "Delta0", "G0", "fstar")
"""What formulas may speak of besides parameters: ‖x₀ − x⋆‖, f(x₀) − f⋆, ‖∇f(x₀)‖; f⋆ must cancel."""
STEPS, ACCURACY = "N", "eps"
DIMENSION = "d"
"""The dimension of the space, in bounds of methods that work coordinate by coordinate."""


@dataclass(frozen=True)
class Measured:
    """The left side: ``gap`` f − f⋆, ``distance`` ‖x − x⋆‖ or ``gradient`` ‖∇f‖ (or ``subgradient``), to a power.

    Of operators also ``operator`` ‖A(x)‖, ``residual`` ‖x − T(x)‖ and ``step`` ‖x_N − x_{N−1}‖.

    `iterate` is ``last``, ``best`` (the least value among the iterates `first`, …, N − `before`), ``average`` (at the
    mean of these iterates), ``weighted`` (at a weighted mean of them) or ``values`` (the mean of the values at them).
    """

    what: str
    power: int = 1
    iterate: str = "last"
    first: int = 0
    before: int = 0

    @property
    def word(self) -> str:
        """The name of the measure in Certify, where distances and gradients are squared."""
        return self.what

    def text(self, point: str = "") -> str:
        """The left side in symbols."""
        x = point or {"last": "x_N", "average": "x̄", "best": "x_k", "values": "x_k", "weighted": "x̄"}[self.iterate]
        body = {
            "operator": f"‖A({x})‖", "residual": f"‖{x} − T({x})‖", "step": f"‖{x} − x_{{{x[2:]}−1}}‖",
            "gap": f"f({x}) − f⋆", "distance": f"‖{x} − x⋆‖", "gradient": f"‖∇f({x})‖", "subgradient": f"‖g({x})‖",
            "gradients": f"Σᵢ‖∇ᵢf({x})‖", "radius-gradients": f"Σᵢ tᵢ‖∇ᵢf({x})‖",
            "squared-gradients": f"Σᵢ γᵢ‖∇ᵢf({x})‖²",
        }  # fmt: skip
        shown = body[self.what] + ("²" if self.power == 2 else "")
        last = f"N{f'−{self.before}' if self.before else ''}"
        if self.iterate == "best":
            return f"min over {self.first} ≤ k ≤ {last} of {shown}"
        if self.iterate == "values":
            return f"mean over {self.first} ≤ k ≤ {last} of {shown}"
        if self.iterate == "weighted":
            return f"{shown} (x̄ a weighted mean of x_k over {self.first} ≤ k ≤ {last})"
        return shown + (f" (x̄ the mean of x_k over {self.first} ≤ k ≤ {last})" if self.iterate == "average" else "")


@dataclass(frozen=True)
class Claim:
    """One claim. With `step` it is about one step (`bound` has quantities at k and k + 1), else about N steps.

    `values` tie parameters to formulas (γ = 1/L), `conditions` restrict them. `steps` is the only N that is meant, or
    None for all N ≥ `least`. With `complexity` the claim is that measure ≤ ε as soon as N ≥ complexity(ε), and `bound`
    is ε. With `ahead` = 1 the left side was at x_{k+1}, and N is k + 1. `roles` has the assumptions on each function of
    the method; `norm` is that of the space.
    """

    name: str
    method: type[Method]
    roles: tuple[tuple[type[Assumption], ...], ...]
    measured: Measured
    bound: Formula
    values: Mapping[str, Formula] = field(default_factory=dict)
    conditions: tuple[Comparison, ...] = ()
    steps: int | None = None
    least: int = 1
    step: bool = False
    complexity: Formula | None = None
    ahead: int = 0
    norm: str = "euclidean"
    layers: str = ""
    """Of methods that work layer by layer: ``one`` if the space is one layer, ``several`` if sums are claimed."""
    left: Formula | None = None
    """The left side, if the claim was an inequality."""
    notes: tuple[str, ...] = ()
    source: Mapping[str, Any] = field(default_factory=dict)
    """The entry of the file, as it was read."""

    @property
    def sides(self) -> tuple[Formula, ...]:
        """The bound and, as the claim was read, what it is on."""
        return (self.bound, *([self.left] if self.left is not None else []))

    @property
    def assumptions(self) -> tuple[type[Assumption], ...]:
        """What is assumed, of all functions together."""
        return tuple(dict.fromkeys(a for role in self.roles for a in role))

    @property
    def parameters(self) -> dict[str, Parameter]:
        """All parameters by symbol, those of the method first."""
        owners: tuple[Any, ...] = (self.method, *self.assumptions)
        return {s: p for owner in reversed(owners) for s, p in owner.parameters().items()}

    @property
    def free(self) -> tuple[str, ...]:
        """The parameters that are not tied to a formula, and are not the number of steps."""
        return tuple(n for n in self.parameters if n not in self.values and n != self.method.horizon())

    @property
    def divisors(self) -> frozenset[str]:
        """Names that the claim divides by: where they are 0 it says nothing."""
        sides = [side for c in self.conditions for side in (c.left, c.right)]
        formulas = [self.bound, *([self.complexity] if self.complexity else []), *self.values.values(), *sides]
        below = [p.right for f in formulas for p in walk(f) if isinstance(p, Quotient)]
        return frozenset(name for formula in below for name in _factors(formula))

    @property
    def random(self) -> bool:
        """Whether something is assumed of noise, so that all measures are means."""
        return any(getattr(a, "subject", "function") == "noise" for a in self.assumptions) or any(
            a.name in ("sampled-smooth-convex", "interpolation") for a in self.assumptions
        )

    @property
    def statement(self) -> str:
        """The claim in one line, as it was written."""
        source = self.source
        if "claim" in source:
            return str(source["claim"])
        if self.complexity is not None:
            return f"{self.measured.text()} ≤ ε for N ≥ {source['complexity']}"
        return f"{self.measured.text()} ≤ {source['bound']}"

    @property
    def given(self) -> tuple[str, ...]:
        """What the claim is restricted to, as it was written: ties, ranges, N, norm, variant, iterates."""
        source = self.source
        where, steps = source.get("where", ()), source.get("steps")
        found = [f"{name} = {value}" for name, value in source.get("set", {}).items()]
        found += [where] if isinstance(where, str) else map(str, where)
        if steps is not None:
            found.append(f"N = {steps}" if str(steps).isdigit() else str(steps))
        if self.norm != "euclidean":
            found.append("any norm" if self.norm == "any" else f"the norm {self.norm}")
        told = ("variant",) if "measure" in source else ("variant", "iterate", "over")
        found += [f"{key} {source[key]}" for key in told if key in source]
        return tuple(" ".join(each.split()) for each in found)


def _factors(formula: Formula) -> Iterator[str]:
    match formula:
        case Name(name) | Power(Name(name), _):
            yield name
        case Product(a, b):
            yield from _factors(a)
            yield from _factors(b)


@dataclass(frozen=True)
class Point:
    """Rational numbers for everything but the run: parameters, and N."""

    values: Mapping[str, Fraction]
    steps: int
