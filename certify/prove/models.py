"""The search for a model: floats propose numbers at which everything known holds, exact arithmetic decides.

Vectors are sought on the line and functionals over one element, so that every name stands for a product of unknowns.
A few steps of Levenberg and Marquardt's method from random starts make all inequalities hold with some room; then the
numbers are rounded, and the equations are solved one after the other for an unknown each.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction

import numpy as np

from certify.kernel import Fact, Model, Monomial, NoModel, Polynomial, Statement, check_model

STARTS, STEPS = 24, 60
"""How many starts are tried, and steps from each."""
MARGINS = (0.05, 0.05, 1e-3, 1e-3, 0.0, 0.0)
"""The room that inequalities are asked to have, start by start; strict ones always have the first."""
DENOMINATORS = (16, 1000, 10**6)
"""Numbers are rounded to fractions with denominators up to these."""
TIGHT = 1e-7
"""Inequalities with less room are perhaps equations."""
NEAR = 1e-6
"""By how much something may fail to hold in floating point."""


def find_model(
    statement: Statement, better: Better | None = None, *, seed: int = 0, seconds: float = 2.0
) -> Model | bool:
    """A model of the statement's facts, hypotheses, equations and conclusion.

    True if there is one in floating point only, as where roots have no rational values; False if none was found.
    """
    system = _System(statement)
    generator, near = np.random.default_rng(seed), False
    deadline = time.process_time() + seconds
    for attempt in range(STARTS):
        start = system.start(generator)
        if better is not None and attempt % 2 == 0:
            named = better(dict(zip(system.names, map(float, start), strict=True)), float(generator.uniform(0.3, 2)))
            start = np.array([named[n] for n in system.names])
        with np.errstate(all="ignore"):
            point = system.descend(start, MARGINS[attempt % len(MARGINS)], deadline)
        if point is None:
            if time.process_time() > deadline:
                break
            continue
        near = True
        for model in system.rounded(point):
            try:
                check_model(statement, model)
            except NoModel:
                continue
            return model
        if attempt > 1:
            break
    return near


Better = Callable[[dict[str, float], float], dict[str, float]]
"""Better numbers to start from, made of random ones."""


class _System:
    """Equations and inequalities in unknowns: scalars and the coordinates of vectors."""

    def __init__(self, statement: Statement) -> None:
        self.statement = statement
        self.moments = {m.name: m.monomial for m in statement.moments}
        self.sizes = {f.size for f in statement.functionals if f.size is not None}
        end = Fact("conclusion", statement.conclusion, statement.relation == ">")
        inequalities = [f for f in (*statement.facts, *statement.hypotheses, end) if f.polynomial]
        equations = [e for e in statement.equations if e.polynomial]
        if statement.relation == "=":
            equations.append(inequalities.pop())
        self.images: dict[str, Monomial] = {}
        self.inequalities = [self.image(f.polynomial) for f in inequalities]
        self.equations = [self.image(e.polynomial) for e in equations]
        self.strict = np.array([f.strict for f in inequalities], bool)
        self.names = sorted(frozenset().union(*(p.variables for p in (*self.inequalities, *self.equations))))
        self.positive = {m[0][0] for p in self.inequalities if len(p.terms) == 1 for m, c in p if len(m) == 1 and c > 0}
        self.compiled = _Compiled([*self.equations, *self.inequalities], self.names)

    def expand(self, name: str) -> Monomial:
        """The product of unknowns that a name stands for."""
        if name not in self.images:
            if name in self.sizes:
                self.images[name] = ()
            elif name in self.moments:
                self.images[name] = self.product(self.moments[name])
            elif name[0] == "<":
                a, _, b = name[1:-1].partition(",")
                self.images[name] = ((f"→{a}", 2),) if a == b else tuple(sorted(((f"→{a}", 1), (f"→{b}", 1))))
            else:
                self.images[name] = ((name, 1),)
        return self.images[name]

    def product(self, monomial: Monomial) -> Monomial:
        found: dict[str, int] = {}
        for name, exponent in monomial:
            for part, power in self.expand(name):
                found[part] = found.get(part, 0) + power * exponent
        return tuple(sorted(found.items()))

    def image(self, polynomial: Polynomial) -> Polynomial:
        """The polynomial in the unknowns."""
        terms: dict[Monomial, Fraction] = {}
        for monomial, coefficient in polynomial:
            key = self.product(monomial)
            terms[key] = terms.get(key, Fraction(0)) + coefficient
        return Polynomial(terms)

    def start(self, generator: np.random.Generator) -> np.ndarray:
        """Random numbers, positive where that is asked for."""
        size = np.exp(generator.uniform(-1.5, 1.5, len(self.names)))
        sign = np.where(generator.random(len(self.names)) < 0.5, -1.0, 1.0)
        plain = np.array([n in self.positive for n in self.names])
        return np.where(plain, size, size * sign)

    def descend(self, x: np.ndarray, margin: float, deadline: float) -> np.ndarray | None:
        """A point near x at which everything holds with this room, or where the sum of squares stops falling."""
        count, damping = len(self.equations), 1e-2
        room = np.where(self.strict, MARGINS[0], margin)

        def residual(values: np.ndarray) -> np.ndarray:
            return np.concatenate([values[:count], np.minimum(values[count:] - 2 * room, 0.0)])

        values, jacobian = self.compiled.at(x)
        r = residual(values)
        cost = float(r @ r)
        for _ in range(STEPS):
            if cost < 1e-24 or (margin and (abs(values[:count]) < 1e-10).all() and (values[count:] > room).all()):
                return x
            active = np.concatenate([np.ones(count, bool), r[count:] < 0])
            j, rr = jacobian[active], r[active]
            normal, gradient = j.T @ j, j.T @ rr
            scale = np.diag(normal) + 1e-6
            for _ in range(6):
                if time.process_time() > deadline or not np.isfinite(cost):
                    return None
                try:
                    candidate = x - np.linalg.solve(normal + damping * np.diag(scale), gradient)
                except np.linalg.LinAlgError:
                    return None
                new_values, new_jacobian = self.compiled.at(candidate)
                new = residual(new_values)
                new_cost = float(new @ new)
                if new_cost < cost:
                    damping = max(damping / 5, 1e-12)
                    break
                damping *= 5
            else:
                break
            x, r, cost, values, jacobian = candidate, new, new_cost, new_values, new_jacobian
        low = np.where(self.strict, MARGINS[0] / 2, -NEAR)
        return x if (abs(values[:count]) < NEAR).all() and (values[count:] > low).all() else None

    def rounded(self, point: np.ndarray) -> Iterator[Model]:
        """Models near the point: free unknowns rounded, the others computed from the equations."""
        values = dict(zip(self.names, map(float, point), strict=True))
        slacks = self.compiled.values(point)[len(self.equations) :]
        tight = [p for p, s in zip(self.inequalities, slacks, strict=True) if s < TIGHT]
        for extra in ([], tight) if tight else ([],):
            order = _order([*self.equations, *extra], values)
            solved = {n for n, _ in order}
            for denominator in DENOMINATORS:
                exact = {n: _nice(v, denominator) for n, v in values.items() if n not in solved}
                if _solve(order, exact):
                    yield self.model(exact)

    def model(self, exact: Mapping[str, Fraction]) -> Model:
        names = self.statement.vectors
        unused = [n for n in self.statement.variables if n not in exact and n not in self.sizes]
        values = {n: exact[n] for n in exact if n[0] != "→"} | dict.fromkeys(self.sizes, Fraction(1))
        values |= {n: Fraction(0) for n in unused if n[0] != "<"}
        return Model(values, {v: (exact.get(f"→{v}", Fraction(0)),) for v in names})


class _Compiled:
    """Polynomials, scaled to coefficients of at most 1, and their derivatives at floating-point numbers."""

    def __init__(self, polynomials: Sequence[Polynomial], names: Sequence[str]) -> None:
        index = {n: i for i, n in enumerate(names)}
        rows, coefficients, factors = [], [], []
        for row, polynomial in enumerate(polynomials):
            top = max(abs(float(c)) for _, c in polynomial)
            for monomial, c in polynomial:
                rows.append(row)
                coefficients.append(float(c) / top)
                factors.append([index[n] for n, e in monomial for _ in range(e)])
        width = max(map(len, factors), default=0)
        self.count, self.size = len(polynomials), len(names)
        self.rows, self.coefficients = np.array(rows, int), np.array(coefficients)
        self.factors = np.array([f + [self.size] * (width - len(f)) for f in factors], int).reshape(len(rows), width)

    def values(self, x: np.ndarray) -> np.ndarray:
        """The values of the polynomials."""
        padded = np.append(x, 1.0)
        products = padded[self.factors].prod(axis=1) * self.coefficients
        return np.bincount(self.rows, products, self.count)

    def at(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Values and derivatives."""
        gathered = np.append(x, 1.0)[self.factors]
        width = gathered.shape[1]
        before, after = np.ones_like(gathered), np.ones_like(gathered)
        for k in range(1, width):
            before[:, k] = before[:, k - 1] * gathered[:, k - 1]
            after[:, width - 1 - k] = after[:, width - k] * gathered[:, width - k]
        others = before * after * self.coefficients[:, None]
        values = np.bincount(self.rows, others[:, 0] * gathered[:, 0], self.count) if width else np.zeros(self.count)
        flat = self.rows[:, None] * (self.size + 1) + self.factors
        jacobian = np.bincount(flat.ravel(), others.ravel(), self.count * (self.size + 1))
        return values, jacobian.reshape(self.count, self.size + 1)[:, : self.size]


Order = list[tuple[str, Polynomial]]


def _order(equations: Sequence[Polynomial], values: Mapping[str, float]) -> Order:
    """The unknowns that equations are solved for, in order; equations that must follow from the others are left out.

    An unknown that a single equation mentions is computed last. Where every unknown occurs twice, some equation comes
    first, and its unknowns are settled.
    """
    rest, first, last = list(equations), [], []
    settled: set[str] = set()
    while rest:
        counts = Counter(n for e in rest for n in e.variables)
        chosen = None
        for i, equation in enumerate(rest):
            for rank, name in enumerate(_linear(equation, values)):
                if name not in settled:
                    key = (counts[name], len(equation.variables - settled), rank)
                    chosen = min(chosen or (key, i, name), (key, i, name))
        if chosen is None:
            break
        (count, *_), i, name = chosen
        equation = rest.pop(i)
        if count == 1:
            last.append((name, equation))
        else:
            first.append((name, equation))
            settled |= equation.variables
    return [*first, *last[::-1]]


def _linear(equation: Polynomial, values: Mapping[str, float]) -> list[str]:
    """The unknowns that an equation determines, those with the largest coefficients first."""
    found = []
    for name in equation.variables:
        powers = {dict(m).get(name, 0) for m, _ in equation}
        if max(powers) == 1:
            slope = sum(float(c) * _product(m, values, name) for m, c in equation if dict(m).get(name))
            if abs(slope) > 1e-4:
                found.append((name[0] == "→", -abs(slope), name))
    return [name for *_, name in sorted(found)]


def _product(monomial: Monomial, values: Mapping[str, float], without: str) -> float:
    result = 1.0
    for name, exponent in monomial:
        if name != without:
            result *= values[name] ** exponent
    return result


def _solve(order: Order, exact: dict[str, Fraction]) -> bool:
    """Add the unknowns that the equations determine; False if one of them has no solution."""
    for name, equation in order:
        slope, rest = Fraction(0), Fraction(0)
        for monomial, c in equation:
            inside = False
            for n, e in monomial:
                if n == name:
                    inside = True
                else:
                    c *= exact[n] ** e
            slope, rest = (slope + c, rest) if inside else (slope, rest + c)
        if not slope:
            return False
        exact[name] = -rest / slope
    return True


def _nice(value: float, denominator: int) -> Fraction:
    return Fraction(value).limit_denominator(denominator)
