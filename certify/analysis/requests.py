"""What the user asked for, checked: which theorems under which assumptions, with which parameters tied to formulas."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from certify.analysis.errors import BadInput
from certify.geometry import EUCLIDEAN, named
from certify.language import Assumption, Method, Scalar, Theorem
from certify.language.expressions import SyntaxProblem, parse
from certify.language.problems import applies


@dataclass(frozen=True)
class Space:
    """Where the method runs: ``euclidean``, ``any`` norm, or the norm of this name (``linf``, ``spectral``, …).

    `traced` is the geometry in which theorems are proved: what holds in any norm holds in each.
    """

    norm: str = "euclidean"
    home: str = "euclidean"

    @property
    def traced(self) -> str:
        """``euclidean``, ``any``, or ``layers`` if each of any number of layers has a norm of its own.

        Methods at home in ``any`` norm have no theorems that need more: those hold in the Euclidean norm too.
        """
        if self.home in ("layers", "any"):
            return self.home
        return "euclidean" if self.norm == "euclidean" else "any"

    @property
    def concrete(self) -> bool:
        """Whether it is a norm with a name."""
        return self.norm not in ("euclidean", "any", "layers")

    def claimed(self, theorem: Theorem) -> bool:
        """Whether the theorem is claimed here."""
        return self.traced in theorem.norms

    def asked(self, theorem: Theorem) -> bool:
        """Whether it is not claimed, but put to the engine all the same."""
        return not self.claimed(theorem) and self.traced in theorem.asked_norms and self._searchable

    @property
    def _searchable(self) -> bool:
        """Whether counterexamples can be looked for in this norm."""
        from certify.simulate.plane import planar

        return self.concrete and planar(named(self.norm)) is not None


def space(norm: str, rules: Sequence[str], home: str = "euclidean") -> tuple[Space, list[str]]:
    """The space, and the rules without ``norm=NAME``, which says the same as the option; `home` is the method's own.

    For methods that work layer by layer a norm with a name is that of every layer.
    """
    rest = []
    for rule in (r.strip() for text in rules for r in text.split(",")):
        name, _, value = rule.partition("=")
        if name.strip() != "norm":
            rest.append(rule)
        elif norm not in ("euclidean", value.strip()):
            raise BadInput(f"--set {rule} contradicts the norm {norm}")
        else:
            norm = value.strip()
    if norm not in ("euclidean", "any"):
        try:
            norm = named(norm).name
        except ValueError as error:
            raise BadInput(str(error)) from error
    if home == "layers":
        return Space("layers" if norm in ("euclidean", "any") else norm, home), rest
    return Space("euclidean" if norm in EUCLIDEAN else norm, home), rest


def chosen_theorems(
    kind: type[Method],
    groups: Sequence[tuple[type[Assumption], ...]],
    explicit: bool,
    measure: str | None,
    names: Sequence[str],
    where: Space,
) -> list[tuple[tuple[type[Assumption], ...], Theorem]]:
    """The theorems to look at, each with the assumptions it is put to; `explicit` if the user named them."""
    declared = kind.theorems()
    if not declared:
        raise BadInput(f"{kind.name} claims no theorem about a step; bound it with `certify worst-case {kind.name} …`")
    for name in names:
        if name not in declared:
            raise BadInput(f"{kind.name} has no theorem {name!r}; it has {', '.join(declared)}")
    measures = {t.measure.name for t in declared.values()}
    if measure is not None and measure not in measures:
        raise BadInput(
            f"no theorem of {kind.name} is about {measure!r}; its measures are {', '.join(sorted(measures))}"
        )
    wanted = [t for n, t in declared.items() if (not names or n in names) and measure in (None, t.measure.name)]
    chosen = []
    for group in groups:
        for theorem in wanted:
            own = applies(theorem, group) if explicit else theorem.assumptions == group
            here = where.claimed(theorem) or where.asked(theorem)
            if here and (own or (explicit and set(theorem.asked) & set(group))):
                chosen.append((group, theorem))
    if not chosen:
        names_ = ", ".join(a.name for a in groups[0])
        needed = sorted({", ".join(a.name for a in t.assumptions) for t in wanted})
        raise BadInput(
            f"{kind.name} has no such theorem under {names_} with norm {where.norm}; "
            f"its theorems need one of: {'; '.join(needed)}"
        )
    return chosen


def parameter_ties(
    kind: type[Method], assumptions: Sequence[type[Assumption]], rules: Sequence[str]
) -> dict[str, Scalar]:
    """Rules such as ``gamma=1/L`` as exact scalars, with rules used in other rules filled in."""
    owners: list[type[Method] | type[Assumption]] = [kind, *assumptions]
    known = {s for o in owners for s in o.parameters()}
    bound: dict[str, Scalar] = {}
    for rule in (r.strip() for text in rules for r in text.split(",")):
        name, equals, formula = rule.partition("=")
        name = name.strip()
        if not equals or name not in known:
            raise BadInput(f"--set {rule!r} must read NAME=FORMULA with NAME one of {', '.join(sorted(known))}")
        if name in bound:
            raise BadInput(f"--set gives {name} twice")
        try:
            bound[name] = parse(formula, known)
        except SyntaxProblem as error:
            raise BadInput(f"--set {rule!r}: {error}") from error
    for _ in bound:  # rules may use each other: gamma=1/L, L=1
        try:
            bound = {n: v.substitute({k: w for k, w in bound.items() if k != n}) for n, v in bound.items()}
        except ZeroDivisionError as error:
            raise BadInput(f"--set {', '.join(rules)!r}: filling one rule into another divides by zero") from error
    for name, value in bound.items():
        if value.variables & bound.keys():
            raise BadInput(f"--set {name} is defined in terms of itself")
    return bound
