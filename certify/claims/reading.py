"""From the entry of a file to a `Claim`: every key is checked, and a refusal says which, why, and what to write."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from certify.analysis.errors import BadInput
from certify.claims import layered, naming
from certify.claims.claim import ACCURACY, STEPS, Claim, Measured
from certify.claims.formulas import (
    MINIMUM,
    MINUS,
    ONE,
    Formula,
    Name,
    Number,
    Power,
    Product,
    Quantity,
    Sum,
    difference,
    names,
    quantities,
    replaced,
    substituted,
    walk,
)
from certify.claims.lexer import GREEK, FormulaProblem
from certify.claims.naming import COUNTERS, MAX_LIST, text, texts
from certify.claims.parser import Comparison, Least, comparisons, formula
from certify.claims.spaces import norm_of, over_layers
from certify.language import Method

KEYS = (
    "name", "method", "assumptions", "noise", "set", "where", "claim", "measure", "bound", "complexity", "iterate",
    "over", "steps", "norm", "variant", "source", "note",
)  # fmt: skip
MEASURES = {
    "gap": ("gap", 1), "distance": ("distance", 2), "gradient": ("gradient", 2), "distance-norm": ("distance", 1),
    "operator": ("operator", 2), "operator-norm": ("operator", 1), "residual": ("residual", 2),
    "residual-norm": ("residual", 1), "step": ("step", 2), "step-norm": ("step", 1),
    "gradient-norm": ("gradient", 1), "subgradient": ("subgradient", 1), "subgradient-norm": ("subgradient", 1),
    **{m: (m, 1) for m in layered.MEASURES},
}  # fmt: skip
ITERATES = ("last", "best", "average", "values", "weighted")
RANGES = {"0..N": (0, 0), "0..N-1": (0, 1), "1..N": (1, 0)}
MAX_STEPS = 100


def claim(entry: object, number: int = 1) -> Claim:
    """The claim of one entry; raises `BadInput`."""
    if not isinstance(entry, dict):
        raise BadInput(f"claim {number} must be a table of keys such as method and claim")
    title = f"claim {number}" + (f" ({entry['name']})"[:80] if isinstance(entry.get("name"), str) else "")
    try:
        return _claim(entry, number)
    except FormulaProblem as error:
        raise BadInput(f"{title}: {error}") from error
    except BadInput as error:
        raise BadInput(f"{title}: {error}") from error


def _claim(entry: dict[str, Any], number: int) -> Claim:
    for key in entry:
        if key not in KEYS:
            raise BadInput(f"unknown key {str(key)[:40]!r}; keys are {', '.join(KEYS)}")
    for key in ("source", "note"):
        text(entry, key, "none")
    kind, source = naming.method(text(entry, "method")), entry
    if "variant" in entry:
        kind = layered.rule(kind, text(entry, "variant"))
    if layered.layered(kind):
        entry = layered.unindexed(entry)
    roles = naming.roles(kind, entry)
    flat = [a for role in roles for a in role]
    own, notes = naming.own(kind, flat), []
    short = naming.short(kind, own)
    every = {*own, STEPS}
    ties = _ties(entry, kind, own, short)
    conditions = [c for text in texts(entry, "where") for c in comparisons(text, every | {"R", "Delta0"}, short)]
    _no_quantities(conditions, ties)
    made = Claim(
        name=" ".join(text(entry, "name", f"claim {number}").split()),
        method=kind,
        roles=roles,
        measured=Measured("gap"),
        bound=ONE,
        values=ties,
        norm=norm_of(entry, kind),
        source=dict(source),
    )
    made = _left_and_right(made, entry, own, short)
    naming.measurable(made)
    made = _steps(made, entry, [c for c in conditions if _about_steps(c)])
    conditions = [c for c in conditions if not _about_steps(c)]
    used = naming.aliases(entry, short)
    notes += [f"{a} is read as {next(iter(names(short[a])))}" for a in used if isinstance(short[a], Name)]
    made = replace(made, conditions=tuple(conditions), notes=(*made.notes, *notes))
    return over_layers(made)


def _ties(
    entry: Mapping[str, Any], kind: type[Method], own: set[str], short: Mapping[str, Formula]
) -> dict[str, Formula]:
    given = entry.get("set", {})
    if not isinstance(given, dict) or len(given) > MAX_LIST:
        raise BadInput("the key 'set' must be a table such as { gamma = \"1/L\" }")
    ties: dict[str, Formula] = {}
    accuracy = {ACCURACY} if "complexity" in entry else set()
    for key, value in given.items():
        key = GREEK.get(str(key).lstrip("\\"), str(key).lstrip("\\"))
        target = short.get(key)
        name = target.name if isinstance(target, Name) else key
        if name not in own:
            raise BadInput(
                f"set: {str(key)[:40]!r} is no parameter; those of {kind.name} here are {', '.join(sorted(own))}"
            )
        if name in ties:
            raise BadInput(f"set gives {name} twice")
        ties[name] = _formula(value, {*own, STEPS, "R", "Delta0", *accuracy}, short)
    for _ in ties:
        ties = {n: substituted(f, {k: v for k, v in ties.items() if k != n}) for n, f in ties.items()}
        if sum(1 for f in ties.values() for _ in walk(f)) > 2000:
            raise BadInput("set: the formulas grow too large when they are filled into each other")
    for name, value in ties.items():
        if names(value) & ties.keys():
            raise BadInput(f"set: {name} is defined in terms of itself")
    return ties


def _formula(value: object, known: set[str], short: Mapping[str, Formula]) -> Formula:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise BadInput("a formula is a text such as '1/L', or a number")
    if isinstance(value, float) and not abs(value) < 1e15:
        raise BadInput("a number must be finite")
    return formula(str(value) if not isinstance(value, float) else f"{value:.15g}", known, short)


# -- the two sides ------------------------------------------------------------------------------------------


def _left_and_right(made: Claim, entry: Mapping[str, Any], own: set[str], short: Mapping[str, Formula]) -> Claim:
    known = {*own, STEPS, *([layered.COUNT] if layered.layered(made.method) else [])}
    if "claim" in entry:
        if {"measure", "bound", "complexity"} & entry.keys():
            raise BadInput("give either 'claim', or 'measure' with 'bound' or 'complexity'")
        found = comparisons(text(entry, "claim"), known, short)
        if any(c.relation in ("<", ">") for c in found):
            raise BadInput("a claim is one inequality with <= or >=; strict ones are not decided")
        if len(found) != 1 or found[0].relation not in ("<=", ">="):
            raise BadInput("a claim is one inequality, such as f(x_N) - f* <= L R^2/(4 N + 2)")
        one = found[0]
        left, right = (one.left, one.right) if one.relation == "<=" else (one.right, one.left)
        if one.least is None:
            left, right = _decrease(left, right)
        return _from_inequality(made, entry, left, right, one.least)
    word = text(entry, "measure")
    if word not in MEASURES:
        raise BadInput(f"measure {word[:40]!r} is not one of {', '.join(MEASURES)}")
    measured = _iterates(Measured(*MEASURES[word]), entry)
    if ("bound" in entry) == ("complexity" in entry):
        raise BadInput("give one of 'bound' and 'complexity'")
    if "complexity" in entry:
        steps = _start(formula(text(entry, "complexity"), known | {ACCURACY}, short))
        return replace(made, measured=measured, complexity=steps, bound=Name(ACCURACY))
    bound = _start(_formula(entry["bound"], known, short))
    return replace(made, measured=measured, bound=bound)


def _decrease(left: Formula, right: Formula) -> tuple[Formula, Formula]:
    """f(y) ≤ f(x) − c, f(y) − f(x) ≤ −c and c ≤ f(x) − f(y) as f(y) − f⋆ ≤ f(x) − c − f⋆."""
    match left, right:
        case _, Sum(Quantity("value", before), Product(m, Quantity("value", after))) if m == MINUS and after != before:
            if after != "0" and not any(q.at == after for q in quantities(left)):
                return _decrease(Quantity("value", after), difference(Quantity("value", before), left))
        case Sum(Quantity("value") as y, Product(m, Quantity("value") as x)), _ if m == MINUS and x != y:
            return _decrease(y, Sum(right, x))
        case Quantity("value"), _ if any(q.what == "value" for q in quantities(right)):
            return difference(left, Name(MINIMUM)), difference(right, Name(MINIMUM))
    return left, right


def _from_inequality(
    made: Claim, entry: Mapping[str, Any], left: Formula, right: Formula, least: Least | None
) -> Claim:
    what, power, at = _summed(left) or _measured(left)
    made = replace(made, left=left)
    measured = Measured(what, power)
    if least is not None:
        if at != "k":
            raise BadInput("a minimum over iterates is one of a quantity at x_k")
        measured = replace(measured, iterate="best", first=least.first, before=least.before)
    elif at == "mean":
        measured = replace(measured, iterate="average")
    here = {q.at for q in quantities(right)}
    if at == "k+1" and here & {"k", "k+1"}:
        if here & {"0", "N", "mean"} or "N" in names(right):
            raise BadInput("a claim about one step compares x_{k+1} with x_k only")
        return replace(made, measured=measured, bound=right, step=True)
    if here - {"0"}:
        raise BadInput("the right side may speak of x_0 and of parameters, or of x_k if the left one is at x_{k+1}")
    if at == "k+1":  # x_{k+1} after k + 1 steps: N = k + 1
        before = {STEPS: difference(Name(STEPS), ONE)}
        right = substituted(right, before)
        made = replace(
            made,
            values={n: substituted(v, before) for n, v in made.values.items()},
            ahead=1,
            notes=(*made.notes, "x_{k+1} is read as the iterate after N = k + 1 steps"),
        )
    elif at == "0":
        raise BadInput("the left side must speak of x_N, not of x_0")
    return replace(made, measured=_iterates(measured, entry), bound=_start(right))


def _summed(left: Formula) -> tuple[str, int, str] | None:
    """A sum over layers as a measure, and the point; None for others."""
    found = layered.measured(left)
    if found is None:
        return None
    (at,) = {q.at for q in quantities(left)}
    return (*found, at)


def _measured(left: Formula) -> tuple[str, int, str]:
    """What is measured, to which power, and at which point."""
    match left:
        case Sum(Quantity("value", at), Product(m, Name(minimum))) if m == MINUS and minimum == MINIMUM:
            return "gap", 1, at
        case Power(Quantity(what, at), Number(value)) if value == 2 and what != "value":
            return what, 2, at
        case Quantity(what, at) if what != "value":
            return what, 1, at
    raise BadInput(
        "the left side must be f(x_N) - f*, ||x_N - x*||^2, ||grad f(x_N)||^2, ||A(x_N)||^2, ||x_N - T(x_N)||^2 or "
        "||x_N - x_{N-1}||^2 (or the norm itself)"
    )


def _iterates(measured: Measured, entry: Mapping[str, Any]) -> Measured:
    iterate = text(entry, "iterate", measured.iterate)
    if iterate not in ITERATES:
        raise BadInput(f"iterate {iterate[:40]!r} is not one of {', '.join(ITERATES)}")
    mean = measured.iterate == "average" and iterate == "weighted"  # x̄ is a weighted mean, too
    if measured.iterate != "last" and iterate != measured.iterate and not mean:
        raise BadInput("'iterate' contradicts the left side of the claim")
    if "over" in entry:
        over = text(entry, "over").replace(" ", "")
        if over not in RANGES or iterate == "last":
            raise BadInput(f"'over' goes with iterate = best, average or values, and is one of {', '.join(RANGES)}")
        first, before = RANGES[over]
        if iterate == "weighted" and over != "0..N-1":
            raise BadInput("weighted averages are those over 0..N-1, with the weights of the method's theorem")
        if measured.iterate == "best" and (first, before) != (measured.first, measured.before):
            raise BadInput("'over' contradicts the minimum on the left side of the claim")
        return replace(measured, iterate=iterate, first=first, before=before)
    if iterate == "weighted":
        return replace(measured, iterate=iterate, first=0, before=1)
    if iterate in ("best", "average", "values") and measured.iterate != "best":
        raise BadInput(f"say which iterates are meant: over = {' or '.join(RANGES)}")
    return replace(measured, iterate=iterate)


def as_first_step(claim: Claim) -> Claim | None:
    """A claim about one step of a method without memory as one about x_1, which is the same for any x_0; or None.

    Ball-proximal steps are left out: of one step they speak only until a minimiser is reached.
    """
    plain = claim.method.start is Method.start and claim.method.output is Method.output
    if not claim.step or not plain or claim.method.clocked() or claim.method.name == "bpm":
        return None
    if any(q.at != "k" for q in quantities(claim.bound)):
        return None
    bound = replaced(claim.bound, lambda f: replace(f, at="0") if isinstance(f, Quantity) else None)
    return replace(claim, step=False, steps=1, least=1, bound=_start(bound))


def _start(bound: Formula) -> Formula:
    """Quantities at x₀ by their names: f(x₀) is f⋆ + Δ₀."""

    def named(part: Formula) -> Formula | None:
        match part:
            case Quantity("value", "0"):
                return Sum(Name("Delta0"), Name(MINIMUM))
            case Quantity("distance", "0"):
                return Name("R")
            case Quantity("gradient" | "operator", "0"):
                return Name("G0")
            case Quantity():
                raise BadInput("the right side may speak of f(x_0), ||x_0 - x*|| and ||grad f(x_0)|| only")
        return None

    return replaced(bound, named)


# -- which N ------------------------------------------------------------------------------------------------


def _about_steps(condition: Comparison) -> bool:
    return STEPS in names(condition.left) | names(condition.right)


def _steps(made: Claim, entry: Mapping[str, Any], conditions: list[Comparison]) -> Claim:
    least, steps = 1, None
    given = entry.get("steps")
    if isinstance(given, str):
        conditions = [*conditions, *comparisons(given, {STEPS}, {c: Name(STEPS) for c in COUNTERS})]
    elif given is not None:
        if isinstance(given, bool) or not isinstance(given, int) or not 1 <= given <= MAX_STEPS:
            raise BadInput(f"steps must be a number from 1 to {MAX_STEPS}, or a condition such as 'N >= 1'")
        steps = given
    for c in conditions:
        match (c.left, c.relation, c.right):
            case (Name("N"), ">=" | "=" as relation, Number(v)) | (Number(v), "<=" as relation, Name("N")):
                if v.denominator != 1 or not 0 <= v <= MAX_STEPS:
                    raise BadInput(f"N is a whole number up to {MAX_STEPS}")
                least, steps = (least, int(v)) if relation == "=" else (int(v), steps)
            case _:
                raise BadInput(f"the condition {c.text[:80]!r} on N must read N >= NUMBER or N = NUMBER")
    if made.step and (steps is not None or given is not None or conditions):
        raise BadInput("a claim about one step has no N")
    if made.complexity is not None and steps is not None:
        raise BadInput("a complexity is about all N")
    if made.measured.before and (steps == 0 or least == 0):
        raise BadInput("there is no iterate x_{N-1} for N = 0")
    if made.ahead and conditions:  # they speak of k
        least, steps = least + made.ahead, None if steps is None else steps + made.ahead
    if steps is not None:
        least = steps
    return replace(made, steps=steps, least=least)


# -- the entry ----------------------------------------------------------------------------------------------


def _no_quantities(conditions: list[Comparison], ties: Mapping[str, Formula]) -> None:
    for found in (*(c.left for c in conditions), *(c.right for c in conditions), *ties.values()):
        if quantities(found) or MINIMUM in names(found):
            raise BadInput("conditions and ties are about parameters, R and N only")
