"""How conclusions are said: the measure at a point, the number of steps to an accuracy, and what errors leave."""

from __future__ import annotations

import re
from typing import Any

import sympy as sp

from certify.analysis.formulas import expression_formula
from certify.analysis.quantities import steady_names
from certify.analysis.results import Formula
from certify.language.measures import STEP
from certify.language.problems import Problem
from certify.language.text import name_text
from certify.prove import recursions


def count(problem: Problem, steps: Any) -> Formula | None:
    """The number of steps to an accuracy."""
    if steps is None:
        return None
    return formula("N ≥ ", r"N \ge ", steps.subs(recursions.EPSILON, sp.Symbol(accuracy(problem), positive=True)))


def accuracy(problem: Problem) -> str:
    """What the accuracy is called: epsilon, unless a parameter is."""
    return next(name for name in ("epsilon", "delta", "eta", "omega", "zeta") if name not in steady_names(problem))


def above(problem: Problem, steps: Formula | None, floor: Formula) -> Formula | None:
    """The number of steps, with a word on what errors leave for ever."""
    if steps is None or floor.text == "0":
        return steps
    name = accuracy(problem)
    return Formula(
        f"{steps.text}, to come within {name_text(name)} of the floor {floor.text}",
        rf"{steps.latex} \text{{ to come within }} \{name} \text{{ of the floor }} {floor.latex}",
    )


def formula(before: str, tex: str, expression: Any, after: str = "") -> Formula:
    """A SymPy expression with words around it."""
    inner = expression_formula(expression)
    return Formula(before + inner.text + after, tex + inner.latex)


def measured(problem: Problem, point: str) -> Formula:
    """The theorem's measure at a point; its mean if steps draw samples."""
    measure = problem.theorem.measure
    if measure is STEP and point == "x_N":  # the last of N steps
        return Formula("‖x_N − x_{N−1}‖²", r"\|x_N - x_{N-1}\|^2")
    text, tex = measure.text.replace("{x}", point), measure.latex.replace("{x}", point.replace("₀", "_0"))
    if problem.norm not in ("euclidean", "layers"):  # gradients are measured in the dual norm
        text = re.sub(r"‖((?:g|∇f)\([^‖]*\))‖", r"‖\1‖*", text)
        tex = re.sub(r"\\\|((?:g|\\nabla f)\([^|]*\))\\\|", r"\\|\1\\|_*", tex)
    if not (problem.trace.randomness.count and problem.trace.randomness.drawn):
        return Formula(text, tex)
    return Formula(f"E[{text}]", rf"\mathbb{{E}}\left[{tex}\right]")
