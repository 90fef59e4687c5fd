"""The numbers that ``certify simulate`` runs a bound at: those that are given, and usual ones for the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from certify.analysis.errors import BadInput
from certify.analysis.simulation_request import Request
from certify.language import DISTANCE, Assumption, Method, Rate, Theorem
from certify.pep.questions import Question
from certify.pep.questions import question as asked_question

Group = tuple[tuple[type[Assumption], ...], ...]
NOISE = "noise"
DEFAULTS: Mapping[str, tuple[str, ...]] = {
    "L": ("1",),
    "mu": ("1/10",),
    "M": ("1",),
    "s": ("1/2",),
    "nu": ("1/16",),
    "D": ("3/2",),
    "sigma": ("1/2",),
    "gamma": ("1/(2*L)", "1/L", "1/M", "1"),
    "t": ("1/8",),
    "beta": ("1/2",),
    "alpha": ("1/2",),
    "epsilon": ("1/100",),
    "beta2": ("9/10",),
    "beta1": ("1/2",),
    "eta": ("1/2",),
    "b": ("1",),
    "n": ("10",),
    "S": ("1",),
    "G": ("1",),
    "r": ("1/2",),
    "p": ("1/2",),
    "lambda": ("1/2",),
    "L_max": ("2*L", "1"),
}
"""Numbers for what the user leaves open; of several the first that is in known names counts (with noise: shorter)."""


def question(kind: type[Method], group: Group, bound: Theorem | Rate, asked: Request) -> Question:
    """Exact numbers for everything: those given, and defaults for the rest."""
    values = rules(asked)
    known = {s for own in group for a in own for s in a.parameters()}
    every = {*known, *kind.parameters()}
    noisy = any(a.subject == NOISE for own in group for a in own)
    roles = kind.functions if len(kind.functions) > 1 else ()
    own = [f"{role}.{s}" for role, kinds in zip(roles, group, strict=False) for a in kinds for s in a.parameters()]
    for name in [*(own or known), *kind.parameters()]:
        if name in values or name == kind.horizon():
            continue
        if (formula := _default(name, every, bound, asked, noisy)) is not None:
            values[name] = formula
    values = {n: v for n, v in values.items() if n.partition(".")[2] or n in every}
    initial = bound.initial if isinstance(bound, Rate) else DISTANCE
    return asked_question(kind, group, values, steps=asked.steps, measure=bound.measure, initial=initial)


def rules(asked: Request) -> dict[str, str]:
    """``NAME=FORMULA`` as pairs."""
    values: dict[str, str] = {}
    for rule in (r for text in asked.rules for r in text.split(",")):
        name, equals, formula = (part.strip() for part in rule.partition("="))
        if not (name and equals and formula):
            raise BadInput(f"--set {rule!r} must read NAME=FORMULA, such as gamma=1/L")
        if name in values:
            raise BadInput(f"--set gives {name} twice")
        values[name] = formula
    return values


def check_rules(kind: type[Method], groups: Sequence[Group], asked: Request) -> None:
    """Every name that is set must be one of something that is looked at."""
    own = {s for group in groups for kinds in group for a in kinds for s in a.parameters()}
    for name in rules(asked):
        if name.rpartition(".")[2] not in {*own, *kind.parameters()}:
            known = ", ".join(sorted({*own, *kind.parameters()}))
            raise BadInput(f"--set {name}: there is no such parameter here; there are {known}")


def _default(name: str, known: set[str], bound: Theorem | Rate, asked: Request, noisy: bool) -> str | None:
    """A formula for what the user left open, if there is one: where nothing is given, from the row's first example."""
    if isinstance(bound, Theorem) and name in dict(bound.at):
        return str(dict(bound.at)[name])
    plain = name.rpartition(".")[2]  # a constant of one role: its own example, or that of all roles
    point = bound.at[0] if isinstance(bound, Rate) and bound.at else {}
    example = next((str(point[n]) for n in (name, plain) if n in point), None)
    formulas = DEFAULTS.get(plain, ())
    fitting = (
        formula
        for formula in (formulas if noisy or name != "gamma" else formulas[1:])
        if all(other not in formula or other in known for other in ("L", "M"))
    )
    usual = next(fitting, None)
    first, second = (usual, example) if asked.rules else (example, usual)
    return first or second
