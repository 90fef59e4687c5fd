"""The names in a claim: its method and assumptions, the abbreviations it may use, and plain texts with limits."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from certify.analysis.catalogue import is_path, load_assumption, load_method
from certify.analysis.errors import BadInput
from certify.claims.claim import DIMENSION, STEPS, Claim
from certify.claims.formulas import Formula, Name, Quotient, quantities
from certify.language import Assumption, Method, Positive
from certify.language.parameters import Parametrised

NOISE = ("second-moment", "variance", "gradient-error", "sampled-smooth-convex", "interpolation")
COUNTERS = ("k", "K", "T", "n", "t")
STEP_SIZES = ("gamma", "alpha", "eta", "h", "tau", "s", "lambda")
MAX_TEXT, MAX_LIST = 600, 20


def method(name: str) -> type[Method]:
    """The built-in method of this name; raises `BadInput` for a file."""
    if is_path(name):
        raise BadInput("a claim names a built-in method; files of your own are not run from claims")
    return load_method(name)


def _assumption(name: object) -> type[Assumption]:
    if not isinstance(name, str) or is_path(name) or len(name) > 60:
        raise BadInput("assumptions are names such as 'smooth-convex'")
    return load_assumption(name)


def roles(kind: type[Method], entry: Mapping[str, Any]) -> tuple[tuple[type[Assumption], ...], ...]:
    """The assumptions on each of the method's functions, noise with those on the first; raises `BadInput`."""
    given, noise = entry.get("assumptions"), texts(entry, "noise")
    if given is None:
        raise BadInput("the key 'assumptions' is missing, for example assumptions = [\"smooth-convex\"]")
    if isinstance(given, dict):
        if set(given) != set(kind.functions):
            raise BadInput(
                f"assumptions are needed on {', '.join(kind.functions)}, each by name, not on "
                f"{', '.join(str(g)[:20] for g in given) or 'none'}"
            )
        groups = [given[role] if isinstance(given[role], list) else [given[role]] for role in kind.functions]
    elif len(kind.functions) > 1:
        raise BadInput(f"{kind.name} works on {', '.join(kind.functions)}: give assumptions as a table of these")
    else:
        groups = [given if isinstance(given, list) else [given]]
    for name in noise:
        if name not in NOISE:
            raise BadInput(f"noise {name[:40]!r} is not one of {', '.join(NOISE)}; σ² is a second moment or a variance")
    groups[0] = [*groups[0], *noise]
    if not all(groups):
        raise BadInput("no assumption is given; name one, such as smooth-convex (certify list has all)")
    if any(len(g) > 6 for g in groups):
        raise BadInput("more than six assumptions on one function; name the strongest")
    return tuple(tuple(dict.fromkeys(_assumption(a) for a in group)) for group in groups)


def _of_outcomes(kind: type[Method]) -> bool:
    """Whether a state is the tuple of all outcomes of random draws, and the output their mean."""
    try:
        state = kind().start(object(), *(None for _ in kind.functions))
    except (AttributeError, TypeError):  # a start that asks its functions for something: no plain tuple of points
        return False
    return type(state) is tuple


def measurable(made: Claim) -> None:
    """Refuse measures that mean nothing for the method's functions or operators; raises `BadInput`."""
    kind, what = made.method, made.measured.what
    if len(kind.starts) > 1:
        raise BadInput(
            f"{kind.name} starts from {', '.join(kind.starts)} together, and no claim speaks of one of them alone; "
            f"ask for its worst cases with certify worst-case {kind.name}"
        )
    if _of_outcomes(kind):
        raise BadInput(
            f"a run of {kind.name} is known by the mean of its iterates, of which means of values and distances say "
            f"more; ask for its worst cases with certify worst-case {kind.name}"
        )
    used = {q.letter for side in made.sides for q in quantities(side) if q.letter}
    operator = all(a.subject == "operator" for role in made.roles for a in role)
    if (what in ("operator", "residual") or used) and (not operator or len(made.roles) > 1):
        known = "the gradient is written ||grad f(x_N)||" if len(made.roles) == 1 else "which of them is not said"
        raise BadInput(
            f"norms of A(x) and x - T(x) are for methods on one operator; {kind.name} works on "
            f"{', '.join(kind.functions)}, so that {known}"
        )
    fixed = "T" in kind.functions
    for letter in used:
        if fixed != (letter == "T"):
            raise BadInput(f"{kind.name} works on the operator {kind.functions[0]}; {letter} is not known")
    if operator and what not in ("operator", "residual", "step", "distance"):
        raise BadInput(
            f"{kind.name} works on {', '.join(kind.functions)}, without values or gradients: measures are "
            "||x_N - x*||, ||A(x_N)||, ||x_N - T(x_N)|| and ||x_N - x_{N-1}||"
        )
    if what == "step" and made.measured.iterate != "last":
        raise BadInput("of ||x_N - x_{N-1}|| only the last is understood")


RESERVED = {"R", "Delta0", "G0", "fstar", "eps", "i"}


def own(kind: type[Method], assumptions: list[type[Assumption]]) -> set[str]:
    """The parameters that a claim about them may name; raises `BadInput` if one means something else in formulas."""
    owners: list[type[Parametrised]] = [kind, *assumptions]
    found = {s for o in owners for s in o.parameters()}
    if taken := sorted(found & RESERVED):
        raise BadInput(f"claims cannot speak of a parameter {taken[0]}: in formulas it means something else")
    return found | ({DIMENSION} if dimensional(kind) and DIMENSION not in found else set())


def dimensional(kind: type[Method]) -> bool:
    """Whether bounds of the method speak of the dimension d of the space: those that work coordinate by coordinate."""
    return any(t.coordinates for t in kind.theorems().values())


def short(kind: type[Method], own: set[str]) -> dict[str, Formula]:
    """Abbreviations: κ, k for N, and α or η for the only step size of a method."""
    short: dict[str, Formula] = {}
    if {"L", "mu"} <= own:
        short["kappa"] = Quotient(Name("L"), Name("mu"))
        if "q" not in own:
            short["q"] = Quotient(Name("mu"), Name("L"))
    short |= {c: Name(STEPS) for c in COUNTERS if c not in own}
    if "lam" in own and "lambda" not in own:
        short["lambda"] = Name("lam")
    sizes = [s for s, p in kind.parameters().items() if isinstance(p, Positive) and s in STEP_SIZES]
    if len(sizes) == 1:
        short |= {a: Name(sizes[0]) for a in STEP_SIZES if a not in own}
    return short


def aliases(entry: Mapping[str, Any], short: Mapping[str, Formula]) -> list[str]:
    """The abbreviations of the step size that the claim itself uses, in letters or in Greek."""
    texts = " ".join(str(v) for v in entry.values())
    greek = {"alpha": "α", "eta": "η", "gamma": "γ", "tau": "τ", "lambda": "λ"}
    return [a for a in STEP_SIZES if a in short and len(a) > 1 and _occurs(a, texts, greek.get(a, a))]


def _occurs(name: str, texts: str, letter: str) -> bool:
    return re.search(rf"(?<![A-Za-z]){name}(?![A-Za-z])", texts) is not None or (letter != name and letter in texts)


def text(entry: Mapping[str, Any], key: str, default: str | None = None) -> str:
    """The text under a key, stripped; raises `BadInput` if it is missing, empty or too long."""
    value = entry.get(key, default)
    if value is None:
        raise BadInput(f"the key {key!r} is missing")
    if not isinstance(value, str) or not value.strip() or len(value) > MAX_TEXT:
        raise BadInput(f"{key!r} must be a text of at most {MAX_TEXT} characters")
    _visible(value, key)
    return value.strip()


def _visible(value: str, key: str) -> None:
    """Refuse what moves a terminal's cursor, turns the direction of writing, or is no character at all."""
    if hidden := [c for c in value if unicodedata.category(c) in ("Cc", "Cf", "Cs") and c not in "\t\r\n"]:
        raise BadInput(f"{key!r} has a character that cannot be seen, U+{ord(hidden[0]):04X}; leave it out")


def texts(entry: Mapping[str, Any], key: str) -> list[str]:
    """The texts under a key, one or a list of them; raises `BadInput`."""
    value = entry.get(key, [])
    found = [value] if isinstance(value, str) else value
    if not isinstance(found, list) or len(found) > MAX_LIST or not all(isinstance(v, str) and v.strip() for v in found):
        raise BadInput(f"{key!r} must be a text or a list of at most {MAX_LIST} texts")
    for each in found:
        _visible(each, key)
    return found
