"""The theorem whose step bound a verdict applies, proved again when asked for, with the identity of its certificate.

Only this file of the room knows of theorems. It names goals of the catalogue; whether they hold, and what their
certificate is, comes out of the prover and the kernel in this run.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import cache
from hashlib import sha256
from importlib import import_module
from importlib.util import find_spec
from typing import TypeVar

from certify.training.kinds import Kind

Kindred = TypeVar("Kindred")
LAYERWISE = ("gluon", "layerwise_smooth", "descent")
EUCLIDEAN = ("gd", "smooth", "descent")


@dataclass(frozen=True)
class Reference:
    """A theorem by its name in the catalogue, its sentence, and the SHA-256 of its certificates; none if unproved."""

    identifier: str
    statement: str
    certificate: str | None
    note: str = ""

    def __str__(self) -> str:
        told = f"{self.identifier} ({self.certificate[:12]})" if self.certificate else f"{self.identifier} (not proved)"
        return f"{told}, {self.note}" if self.note else told


def theorem_for(kind: Kind) -> Reference:
    """Gluon's descent theorem in the layer's norm; gradient descent on smooth functions for SGD.

    A catalogue without Gluon gives the second for all, and says that it is the Euclidean case only.
    """
    if kind is Kind.SGD:
        return proved(*EUCLIDEAN)
    if find_spec(f"certify.methods.{LAYERWISE[0]}") is not None:
        return proved(*LAYERWISE)
    return replace(proved(*EUCLIDEAN), note="the Euclidean case of the layer-wise bound")


@cache
def proved(method: str, assumption: str, name: str) -> Reference:
    """Pose and prove a theorem of the catalogue, by the names of its files and its own name."""
    from certify.language import Assumption, Method, pose
    from certify.prove.prover import prove

    kind = _only(method, "certify.methods", Method)
    given = _only(assumption, "certify.assumptions", Assumption)
    theorem = kind.theorems()[name]
    problem = pose(kind, [given], theorem, norm=theorem.norms[0])
    result = prove(problem)
    identity = None
    if result.proved:
        data = [case.certificate.to_json() for part in result.parts for case in part.cases]
        identity = sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()
    return Reference(problem.identifier, theorem.statement, identity)


def _only(name: str, package: str, kind: type[Kindred]) -> type[Kindred]:
    """The public class of this kind that a module of the catalogue declares."""
    module = import_module(f"{package}.{name}")
    own = [c for c in vars(module).values() if isinstance(c, type) and issubclass(c, kind)]
    return next(c for c in own if c.__module__ == module.__name__ and getattr(c, "name", ""))
