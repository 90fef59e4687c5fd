"""A scene on which a theorem is false, as data: strings that anyone can recompute exactly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from fractions import Fraction
from typing import Any

from certify.language.enclosures import Enclosure
from certify.language.text import name_text
from certify.simulate.claims import Claim, in_words
from certify.simulate.counterexample import formula_of_line, read_rational, shown
from certify.simulate.exact import Piece, PiecewiseQuadratic
from certify.simulate.noise import is_noise
from certify.simulate.plane import PlaneVector
from certify.simulate.scenes.judge import Failure, Own, Scene, judge
from certify.simulate.scenes.line import ALONG, Segment
from certify.simulate.scenes.plane import Matrix


@dataclass(frozen=True)
class SceneCounterexample:
    """Functions or operators, parameters, starts and samples on which a declared theorem is false.

    `functions` are objects with a ``kind``: ``line`` (breakpoints and pieces [a, b, c] of a y² + b y + c), ``segment``
    (an indicator) or ``matrix`` (an operator of the plane, row by row). lhs is at most the left side of the inequality
    and rhs at least the right one; if it is `exact` they are equal to them.
    """

    method: str
    assumptions: tuple[str, ...]
    theorem: str
    inequality: str
    functions: tuple[Mapping[str, Any], ...]
    parameters: Mapping[str, str]
    starts: tuple[str, ...]
    lead: int
    samples: tuple[str, ...]
    iterates: tuple[Any, ...]
    lhs: str
    rhs: str
    exact: bool
    claim: Claim = field(repr=False, compare=False)

    @staticmethod
    def of(claim: Claim, scene: Scene, failure: Failure, method: str) -> SceneCounterexample:
        """The counterexample that a scene is; `method` is its name, which variants do not have."""
        return SceneCounterexample(
            method=method,
            assumptions=tuple(a.name for a in claim.assumptions),
            theorem=claim.theorem.name,
            inequality=failure.role,
            functions=tuple(map(_function_data, scene.functions)),
            parameters={n: str(v) for n, v in scene.values.items()},
            starts=tuple(map(str, scene.starts)),
            lead=scene.lead,
            samples=tuple(map(str, scene.samples)),
            iterates=tuple(_point_data(x) for x in failure.points[1:]),
            lhs=str(failure.lhs),
            rhs=str(failure.rhs),
            exact=failure.exact,
            claim=claim,
        )

    def to_json(self) -> dict[str, Any]:
        """JSON data: strings, lists, numbers and objects of them."""
        data = {n: getattr(self, n) for n in _RECORDED}
        lists = {n: list(data[n]) for n in ("assumptions", "starts", "samples", "iterates")}
        return data | lists | {"functions": [dict(f) for f in self.functions], "parameters": dict(self.parameters)}

    @staticmethod
    def from_json(data: Mapping[str, Any], claim: Claim) -> SceneCounterexample:
        """The inverse of `to_json`; `claim` is the declared theorem that it is held against."""
        found: dict[str, Any] = {n: data[n] for n in _RECORDED}
        for name in ("assumptions", "functions", "starts", "samples", "iterates"):
            found[name] = tuple(data[name])
        return SceneCounterexample(**found, claim=claim)

    def replay(self) -> bool:
        """Recompute everything from the recorded text: True if all comes out again and contradicts the theorem."""
        try:
            data = SceneCounterexample.from_json(self.to_json(), self.claim).to_json()
            values = {n: read_rational(v) for n, v in data["parameters"].items()}
            starts, samples = (tuple(read_rational(v) for v in data[n]) for n in ("starts", "samples"))
            functions = tuple(map(_function_of, data["functions"]))
            scene = Scene(functions, values, starts, int(data["lead"]), samples)
        except (TypeError, ValueError, LookupError, ArithmeticError):
            return False
        failure = judge(self.claim, scene).failure
        return failure is not None and SceneCounterexample.of(self.claim, scene, failure, self.method).to_json() == data

    def describe(self) -> str:
        """The counterexample in words and formulas."""
        names = self.claim.method.functions
        made = ", ".join(f"{n}{_text(f)}" for n, f in zip(names, self.functions, strict=True))
        along = any(a.name in ALONG for a in self.claim.assumptions)
        which = f"which satisfies {', '.join(self.assumptions)}{' along this run' if along else ''}"
        parameters = ", ".join(f"{name_text(n)} = {v}" for n, v in self.parameters.items())
        noisy = any(map(is_noise, self.claim.assumptions))
        steps = [_shown_point(x) for x in self.iterates]
        if noisy and len(steps) > self.lead + 1:
            steps[-2:] = [f"{steps[-2]} or {steps[-1]}, equally likely"]
        starts = ", ".join(map(shown, self.starts))
        path = " → ".join((f"({starts})" if len(self.starts) > 1 else starts, *steps))
        implied = "" if self.exact else " something that implies"
        what = in_words(self.inequality)
        return (
            f"On {made}, {which}, {self.method} with {parameters or 'no parameters'} goes {path}. "
            f"Theorem {self.theorem!r} claims ({what}){implied} {shown(self.lhs)} ≤ {shown(self.rhs)}, "
            "which is false."
        )


_RECORDED = [f.name for f in fields(SceneCounterexample) if f.name != "claim"]


def _function_data(f: Own) -> dict[str, Any]:
    if isinstance(f, Matrix):
        return {"kind": "matrix", "entries": [str(v) for v in (f.a, f.b, f.c, f.d)]}
    if isinstance(f, Segment):
        return {"kind": "segment", "ends": [str(f.low), str(f.high)]}
    pieces = [[str(c) for c in p] for p in f.pieces]
    return {"kind": "line", "breakpoints": [str(b) for b in f.breakpoints], "pieces": pieces}


def _function_of(data: Mapping[str, Any]) -> Own:
    if data["kind"] == "matrix":
        return Matrix(*map(read_rational, data["entries"]))
    if data["kind"] == "segment":
        return Segment(*map(read_rational, data["ends"]))
    pieces = tuple(Piece(*map(read_rational, p)) for p in data["pieces"])
    return PiecewiseQuadratic(tuple(map(read_rational, data["breakpoints"])), pieces)


def _text(data: Mapping[str, Any]) -> str:
    if data["kind"] == "matrix":
        a, b, c, d = map(shown, data["entries"])
        return f" = [[{a}, {b}], [{c}, {d}]]"
    if data["kind"] == "segment":
        return f", the indicator of [{', '.join(map(shown, data['ends']))}]"
    return f"(y) = {formula_of_line(data['breakpoints'], data['pieces'])}"


def _point_data(x: Any) -> Any:
    """A number, two of them in the plane, or the ends between which a number lies."""
    if isinstance(x, PlaneVector):
        return [str(x.x), str(x.y)]
    if isinstance(x, Enclosure) and x.number is None:
        return {"low": str(x.low), "high": str(x.high)}
    if isinstance(x, Enclosure | Fraction | int):
        return str(Enclosure.of(x).number)
    return None  # several points, or one for each outcome of a draw


def _shown_point(data: Any) -> str:
    if data is None:
        return "…"
    if isinstance(data, list):
        return f"({', '.join(map(shown, data))})"
    if isinstance(data, str):
        return shown(data)
    return shown(f"{float(Fraction(data['low'])):.6g}…")
