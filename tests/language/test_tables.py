"""Tables of vectors, one for each function: what is written down of them, against the same sums in plain fractions."""

from __future__ import annotations

from fractions import Fraction as Q
from random import Random
from typing import Any

import pytest

from certify.language import Scalar, SymbolicFunction, Trace, inner, norm2
from certify.language.scalar import exact


def posed() -> tuple[Trace, SymbolicFunction]:
    trace = Trace("euclidean")
    trace.scalar("n", sign="positive")
    return trace, SymbolicFunction(trace, {"n": Scalar.variable("n")})


def value(trace: Trace, scalar: Any, numbers: dict[str, Any], i: int | None = None) -> Q:
    """A quantity on the line; `numbers` has a list for what differs from function to function, i was drawn."""

    def of(name: str, j: int | None) -> Q:
        if name in trace.moments:
            count = len(next(v for v in numbers.values() if isinstance(v, list)))
            return sum((term(trace.moments[name].monomial, j) for j in range(count)), Q(0)) / count
        if name.startswith("<"):
            a, b = name[1:-1].split(",")
            return of(a, j) * of(b, j)
        found = numbers[name]
        return found[j] if isinstance(found, list) else found

    def term(monomial: Any, j: int | None) -> Q:
        product = Q(1)
        for name, exponent in monomial:
            product *= of(name, j) ** exponent
        return product

    scalar = exact(scalar)
    top, bottom = (sum((c * term(m, i) for m, c in p), Q(0)) for p in (scalar.numerator, scalar.denominator))
    return top / bottom


@pytest.mark.parametrize("n", [2, 3, 5])
def test_sums_over_a_table_before_and_after_a_step_are_exact(n: int) -> None:
    """Σφ(t_j) before, for every i drawn, and in the mean over all i; φ mixes the entry, ∇f_j(x) and a fixed vector."""
    random = Random(n)  # noqa: S311
    trace, f = posed()
    x = f.start("0")
    table = f.table(lambda f_j: f_j.gradient(x)).generic("t_0")
    f_i = f.sample()
    new = f_i.gradient(x) * 2 - table[f_i]
    after = table.replaced(f_i, new)
    mean = table.mean()

    def φ(f_j: Any, t: Any) -> Any:
        return norm2(t) + 3 * inner(t, f_j.gradient(x)) + inner(t, x - f.minimizer)

    draws = {name: [Q(random.randrange(-9, 9), 7) for _ in range(n)] for name in ("t_0", "s0")}
    numbers: dict[str, Any] = {"n": Q(n), "x0-x⋆": Q(5, 3), **draws}
    ((mean_name, _),) = mean.coefficients.items()
    numbers[mean_name] = sum(draws["t_0"]) / n
    d, t, s = numbers["x0-x⋆"], draws["t_0"], draws["s0"]

    def plain(entry: Q, j: int) -> Q:
        return entry**2 + 3 * entry * s[j] + entry * d

    assert value(trace, table.total(φ), numbers) == sum(plain(t[j], j) for j in range(n))
    totals = []
    for i in range(n):
        entries = [*t[:i], 2 * s[i] - t[i], *t[i + 1 :]]
        totals.append(sum(plain(entries[j], j) for j in range(n)))
        assert value(trace, after.total(φ), numbers, i) == totals[-1]
        assert value(trace, inner(after.mean(), x - f.minimizer), numbers, i) == d * sum(entries) / n
    assert value(trace, trace.mean(after.total(φ)), numbers) == sum(totals) / n
    f.components.known()
    for name, equation in trace.equations.items():
        if name.startswith("mean[t_0"):
            both = numbers | {"g0": sum(s) / n}
            assert value(trace, Scalar(equation.polynomial), both) == 0


def test_a_mean_over_the_table_knows_nothing_of_the_draw() -> None:
    """E⟨t_i, s_i⟩ is not (1/n)Σ_j⟨t_j, s_i⟩: the entry and the drawn gradient belong to different functions."""
    _, f = posed()
    x = f.start("0")
    table = f.table(lambda f_j: f_j.gradient(x)).generic("t_0")
    g = f.sample().gradient(x)
    with pytest.raises(NotImplementedError, match="depends on the function"):
        table.mean(lambda f_j, t: inner(t, g))
    with pytest.raises(NotImplementedError, match="depends on the function"):
        table.mean(lambda f_j, t: t - g)


def test_probing_leaves_no_mark() -> None:
    trace, f = posed()
    x = f.start("0")
    table = f.table(lambda f_j: x).generic("w_0")
    table.mean(lambda f_j, w: f_j.gradient(w))
    basis, count, facts = dict(trace.geometry.basis), trace.randomness.count, dict(trace.equations)
    assert table.mean(lambda f_j, w: f_j.gradient(w)) == table.mean(lambda f_j, w: f_j.gradient(w))
    assert (basis, count, facts) == (trace.geometry.basis, trace.randomness.count, trace.equations)


def test_a_step_draws_one_function() -> None:
    _, f = posed()
    f.sample()
    with pytest.raises(NotImplementedError, match="several functions"):
        f.sample()


def test_the_entry_of_a_later_draw_is_not_known() -> None:
    trace, f = posed()
    x = f.start("0")
    table = f.table(lambda f_j: f_j.gradient(x)).generic("t_0")
    first = f.sample()
    after = table.replaced(first, first.gradient(x))
    trace.step = 1
    second = f.sample()
    assert after[first] == first.gradient(x)
    assert after[second] not in (table[first], first.gradient(x))
    assert trace.draws_of(after[second]) == first.draws | second.draws


def test_spaces_without_inner_products_have_no_samples_of_this_kind() -> None:
    f = SymbolicFunction(Trace("any"), {"n": Scalar.variable("n")})
    with pytest.raises(NotImplementedError, match="Euclidean"):
        f.sample()
