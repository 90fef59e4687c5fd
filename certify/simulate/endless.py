"""Online games that are lost for ever: a round that begins at the upper end of the interval ends there again.

The method's own step is traced on symbols for one round that begins after k ≥ K steps, with a memory v between 0 and
the largest squared slope. Every move is x ↦ Π(x + d), with d a number that does not depend on x. As Π(u) ≥ min(u, end),
a round ends at `end` if d₂, …, d_n ≥ 0 and d₁ + … + d_n ≥ 0: then xᵢ ≥ min(end, end + d₁ + … + dᵢ) by induction. These
inequalities, and that v stays in its range, are certified for all k ≥ K and all v by the kernel.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import isqrt
from typing import Any

from certify.kernel import Certificate, Fact, Polynomial, Proof, Rejected, Statement, check
from certify.language.conjectures import LinearGame
from certify.language.enclosures import Enclosure
from certify.language.methods import Method
from certify.language.opaque import argument
from certify.language.scalar import Scalar, exact
from certify.prove.pointwise import pointwise_proof
from certify.prove.products import find_proof
from certify.simulate.traps import NotRefuted

DIGITS = 10_000
"""Rational bounds on roots are multiples of 1/DIGITS."""
CLOCK, MEMORY = "k", "v"


@dataclass
class _Path:
    """What happened to the point: the moves so far, and the ends of the intervals it was projected onto."""

    moves: list[Scalar] = field(default_factory=list)
    ends: set[tuple[Fraction, Fraction]] = field(default_factory=set)


@dataclass(frozen=True)
class _Point:
    """The point of a traced round: a symbol and what was added to it."""

    path: _Path
    base: Scalar
    added: Scalar

    def __add__(self, other: Any) -> _Point:
        return _Point(self.path, self.base, self.added + other)

    def __sub__(self, other: Any) -> _Point:
        return _Point(self.path, self.base, self.added - other)

    def clipped(self, low: Any, high: Any) -> _Point:
        """The point after the projection, a new symbol."""
        ends = exact(low).as_constant(), exact(high).as_constant()
        if ends[0] is None or ends[1] is None:
            raise NotRefuted("the interval must have rational ends")
        self.path.moves.append(self.added)
        self.path.ends.add((Fraction(ends[0]), Fraction(ends[1])))
        return _Point(self.path, Scalar.variable(f"x{len(self.path.moves)}"), Scalar.constant(0))


class _Linear:
    """x ↦ slope · x, of which only the slope matters."""

    def __init__(self, slope: Fraction) -> None:
        self.slope = slope

    def gradient(self, x: Any) -> Scalar:
        """The slope, a constant."""
        return Scalar.constant(self.slope)


def endless(method: Method, start: Any, game: LinearGame, rounds: int) -> tuple[Certificate, ...]:
    """Checked certificates that every round from number `rounds` on ends where it begins, at game.start.

    **Arguments**: `start`, a state of the method, of which the iterate and one more entry, the memory, are looked at.

    **Raises:** NotRefuted.
    """
    if game.start != game.high:
        raise NotRefuted("rounds must begin at the upper end of the interval")
    n, most = len(game.slopes), max(s**2 for s in game.slopes)
    path, first = _Path(), rounds * n
    state = _symbolic(method, start, path)
    held = Enclosure.of(_memory_of(start, method))
    if not 0 <= held.low <= held.high <= most:
        raise NotRefuted("the memory must begin between 0 and the largest squared slope")
    for i, slope in enumerate(game.slopes):
        state = method.advance(Scalar.variable(CLOCK) + i, state, _Linear(slope))
    moves, memory = path.moves, exact(_memory_of(state, method))
    if len(moves) != n or path.ends != {(game.low, game.high)}:
        raise NotRefuted("a step must project onto the interval once")
    least = sum(min(s * (x - game.best) for x in (game.low, game.high)) for s in game.slopes[1:])
    if game.slopes[0] * (game.start - game.best) + least < game.loss:
        raise NotRefuted(f"a round may cost less than {game.loss}")
    known = {
        "k": Fact("k", _variable(CLOCK) - Polynomial.constant(first), note=f"k ≥ {first}"),
        "v": Fact("v", _variable(MEMORY)),
    }
    known["V"] = Fact("V", Polynomial.constant(most) - _variable(MEMORY), note="v is at most the largest squared slope")
    found = [_certified(p, [known["v"], known["V"]], "memory") for p in _range(memory, most)]
    roots = _roots({name for d in moves for name in d.variables})
    positive = {r: Fact(f"{r}>0", _variable(r), True, "a root of a positive number") for r in roots}
    bounds, proofs = _bounds(roots, positive, known, first, most)
    facts = [*positive.values(), *bounds]
    for d in moves[1:]:
        found.append(_certified(_cleared(d, roots), list(positive.values()), "a move up"))
    total = sum(moves, Scalar.constant(0))
    return (*found, *proofs, _certified(_cleared(total, roots), facts, "the whole round"))


def _symbolic(method: Method, start: Any, path: _Path) -> Any:
    point = _Point(path, Scalar.variable("x0"), Scalar.constant(0))
    fields = getattr(start, "_fields", ())
    here = [i for i, entry in enumerate(start) if entry is method.output(start)] if len(fields) == 2 else []
    if len(here) != 1:
        raise NotRefuted("the state must hold the iterate and one number")
    return type(start)(*(point if i in here else Scalar.variable(MEMORY) for i in range(2)))


def _memory_of(state: Any, method: Method) -> Any:
    """The entry that is not the iterate."""
    (found,) = (entry for entry in state if entry is not method.output(state))
    return found


def _range(memory: Scalar, most: Fraction) -> tuple[Polynomial, Polynomial]:
    if memory.denominators or not memory.variables <= {MEMORY}:
        raise NotRefuted("the memory must depend on itself alone")
    return memory.numerator, Polynomial.constant(most) - memory.numerator


def _roots(names: set[str]) -> dict[str, Polynomial]:
    """The roots among these names with their arguments; there may be nothing else."""
    found = {}
    for name in sorted(names):
        call = argument(name)
        if call is None or call[0] != "√" or call[1].variables not in ({CLOCK}, {MEMORY}):
            raise NotRefuted(f"moves must be made of roots of the clock and of the memory, not {name}")
        found[name] = call[1].numerator
    return found


def _bounds(
    roots: Mapping[str, Polynomial],
    positive: Mapping[str, Fact],
    known: Mapping[str, Fact],
    first: int,
    most: Fraction,
) -> tuple[list[Fact], list[Certificate]]:
    """Rational bounds on the roots of the memory, and on roots of the clock in terms of the smallest; certified."""
    equations = {r: Fact(f"square of {r}", _variable(r) * _variable(r) - q, note="a root") for r, q in roots.items()}
    facts, proofs = [], []

    def learn(polynomial: Polynomial, about: Sequence[str], given: Sequence[Fact]) -> None:
        proofs.append(
            _certified(polynomial, [*(positive[r] for r in about), *given], "", [equations[r] for r in about])
        )
        facts.append(Fact(f"bound[{len(facts)}]", polynomial))

    clocks = [r for r, q in roots.items() if q.variables == {CLOCK}]
    for r, q in roots.items():
        if r in clocks:
            continue
        low, high = sorted(_value(q, MEMORY, v) for v in (Fraction(0), most))
        below = Fraction(isqrt(int(low * DIGITS**2)), DIGITS)
        above = Fraction(isqrt(int(high * DIGITS**2)) + 1, DIGITS)
        learn(_variable(r) - Polynomial.constant(below), [r], [known["v"], known["V"]])
        learn(Polynomial.constant(above) - _variable(r), [r], [known["v"], known["V"]])
    base = min(clocks, key=lambda r: _value(roots[r], CLOCK, Fraction(first)), default="")
    for r in clocks:
        if r != base:
            ratio = _value(roots[r], CLOCK, Fraction(first)) / _value(roots[base], CLOCK, Fraction(first))
            slope = Fraction(isqrt(int(ratio * DIGITS**2)) + 1, DIGITS)
            learn(_variable(base).scale(slope) - _variable(r), [base, r], [known["k"]])
    return facts, proofs


def _cleared(value: Scalar, roots: Mapping[str, Polynomial]) -> Polynomial:
    """The numerator, if the denominators are products of roots."""
    for base, _ in value.denominators:
        if len(base.terms) != 1 or not base.variables <= roots.keys() or min(base.terms.values()) <= 0:
            raise NotRefuted("a move divides by something that is no root")
    return value.numerator


def _certified(conclusion: Polynomial, facts: Sequence[Fact], what: str, equations: Sequence[Fact] = ()) -> Certificate:
    """conclusion ≥ 0, checked by the kernel. **Raises:** NotRefuted."""
    names = conclusion.variables.union(*(f.polynomial.variables for f in (*facts, *equations)))
    variables = {n: frozenset[str]() for n in sorted(names)}
    statement = Statement(variables, conclusion, facts=tuple(facts), equations=tuple(equations))
    proof: Proof | None
    proof = pointwise_proof(statement) if equations else find_proof(statement, max_degree=5, max_multiplier=0)
    if proof is None:
        raise NotRefuted(f"no proof was found that rounds go on as they began: {what or conclusion}")
    certificate = Certificate(statement, proof)
    try:
        check(certificate)
    except Rejected as error:
        raise NotRefuted(str(error)) from error
    return certificate


def _variable(name: str) -> Polynomial:
    return Polynomial.variable(name)


def _value(polynomial: Polynomial, name: str, number: Fraction) -> Fraction:
    found = Scalar(polynomial).substitute({name: Scalar.constant(number)}).as_constant()
    return Fraction(found or 0)
