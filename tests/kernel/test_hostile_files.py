"""Hostile files are refused at once, and any JSON politely."""

import random
from collections.abc import Callable
from typing import Any

import pytest
from certificate_edits import put, refusal
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from certify.kernel import (
    Certificate,
    Malformed,
    Rejected,
    check,
)


def nested(depth: int) -> Any:
    data: Any = []
    for _ in range(depth):
        data = [data]
    return data


def plain(**statement: Any) -> dict[str, Any]:
    data = {"schema": "certify/certificate/1", "statement": {"variables": {"x": [], "y": []}, "conclusion": {}}}
    data["statement"] |= statement
    return data | {"proof": {"terms": []}}


def linear(n: int, coefficient: Callable[[int], str] = lambda i: "1") -> dict[str, Any]:
    return {f"x{i}": coefficient(i) for i in range(n)}


def names(n: int) -> dict[str, Any]:
    return {f"x{i}": [] for i in range(n)}


def powers(fact: dict[str, str], exponent: int, variables: dict[str, Any], repeat: int = 1) -> dict[str, Any]:
    data = plain(variables=variables, hypotheses=[{"name": "h", "polynomial": fact}])
    data["proof"]["terms"] = [{"coefficient": "1", "factors": {"h": exponent}}] * repeat
    return data


def chain_of_moments(n: int) -> dict[str, Any]:
    moments, last = [], "x"
    for i in range(n):
        functional, partner = ("F", "y") if i % 2 else ("G", "y")
        moments.append({"name": f"m{n - i}", "functional": functional, "monomial": f"{last}*{partner}"})
        last = f"m{n - i}"
    functionals = [{"name": "F"}, {"name": "G"}]
    return plain(variables={"x": ["F", "G"], "y": ["F", "G"]}, functionals=functionals, moments=moments[::-1])


def with_terms(data: dict[str, Any], terms: list[Any]) -> dict[str, Any]:
    data["proof"]["terms"] = terms
    return data


ODD = [10**1500 + 10**299 + 2 * i + 1 for i in range(400)]
HOSTILE: dict[str, Callable[[], Any]] = {
    "huge exponent in a monomial": lambda: plain(conclusion={"x^99999999999999": "1"}),
    "huge exponent of a factor": lambda: powers({"x": "1"}, 10**30, {"x": []}),
    "deep list as certificate": lambda: nested(100_000),
    "deep list as polynomial": lambda: plain(conclusion=nested(100_000)),
    "deep list as coefficient": lambda: plain(conclusion={"x": nested(100_000)}),
    "deep list as square": lambda: with_terms(plain(), [{"coefficient": "1", "square": {"x": nested(100_000)}}]),
    "deep list as name": lambda: plain(facts=[{"name": nested(100_000), "polynomial": {}}]),
    "deep list as claim": lambda: plain() | {"claim": {"x": nested(100_000)}},
    "deep list as schema": lambda: {"schema": nested(100_000)},
    "huge number": lambda: plain(conclusion={"x": "9" * 1_000_000}),
    "huge denominator": lambda: plain(conclusion={"x": "1/" + "9" * 1_000_000}),
    "huge name": lambda: plain(conclusion={"x" * 1_000_000: "1"}),
    "huge monomial": lambda: plain(conclusion={"*".join(f"x{i}" for i in range(10_000)): "1"}, variables=names(10_000)),
    "huge square": lambda: with_terms(plain(variables=names(2_000)), [{"coefficient": "1", "square": linear(2_000)}]),
    "power of a sum": lambda: powers(linear(30), 64, names(30)),
    "power of a polynomial": lambda: powers({f"x^{i}*y^{99 - i}": "1" for i in range(1, 99)}, 64, {"x": [], "y": []}),
    "power of a number": lambda: powers({"1": "7" * 2000}, 64, {}),
    "power of a fraction": lambda: powers({"1": f"1/{'7' * 2000}", "x": f"1/{'3' * 2000}"}, 64, {"x": []}),
    "medium fractions": lambda: powers({f"x{i}": f"1/{d % 10**300}" for i, d in enumerate(ODD[:250])}, 2, names(250)),
    "coprime denominators": lambda: powers({f"x{i}": f"1/{d}" for i, d in enumerate(ODD)}, 2, names(400)),
    "a sum of fractions": lambda: with_terms(plain(), [{"coefficient": f"1/{d}"} for d in ODD]),
    "many large terms": lambda: powers(linear(100), 2, names(100), repeat=1_000),
    "many terms": lambda: with_terms(plain(), [{"coefficient": "1"}] * 50_000),
    "many zero products": lambda: with_terms(
        plain(
            facts=[{"name": "0", "polynomial": {}}, {"name": "b", "polynomial": linear(2_000)}], variables=names(2_000)
        ),
        [{"coefficient": "1", "factors": {"0": 1, "b": 64}}] * 2_000,
    ),
    "a norm of many vectors": lambda: with_terms(
        plain(vectors=names(3_000)), [{"coefficient": "1", "square": {f"x{i}": {"1": "1"} for i in range(3_000)}}]
    ),
    "long chain of moments": lambda: chain_of_moments(5_000),
    "many functionals": lambda: plain(functionals=[{"name": f"F{i}"} for i in range(10_000)]),
    "a functional many times": lambda: with_terms(
        plain(functionals=[{"name": "F"}]), [{"coefficient": "1", "under": ["F"] * 20_000}] * 2
    ),
    "a long relation": lambda: plain(relation=">" * 1_000_000),
}


@pytest.mark.timeout(60)  # refused in a moment; computing any of them would take minutes or all memory
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_refused_at_once(name):
    message = refusal(HOSTILE[name]())
    assert 10 < len(message) < 300


@pytest.mark.timeout(60)
@pytest.mark.parametrize("count", [1_000, 20_000])
def test_many_names_cost_nothing_extra(count):
    check(Certificate.from_json(plain(variables=names(count), vectors=names(count))))


def test_numbers_may_not_grow_without_bound():
    assert "too much work" in refusal(powers({"1": "7" * 2000}, 8, {}))
    assert "differ by" in refusal(powers({"1": "7" * 200}, 8, {}))


@pytest.mark.parametrize("length", [20, 90, 150, 400])
def test_the_order_of_nested_moments_does_not_matter(length):
    data = chain_of_moments(length)
    moments, verdicts = data["statement"]["moments"], set()
    for order in (moments, moments[::-1], random.Random(length).sample(moments, length)):  # noqa: S311
        data["statement"]["moments"] = order
        try:
            check(Certificate.from_json(data))
            verdicts.add("accepted")
        except Rejected as reason:
            verdicts.add(str(reason))
    assert len(verdicts) == 1


leaves = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=5),
    st.sampled_from(["x", "1", "-1/2", "x^2", "<u,v>", "E", "=", ">=", "0", "1/0"]),
)
keys = st.one_of(
    st.text(max_size=3),
    st.sampled_from(["name", "polynomial", "x", "1", "coefficient", "factors", "square", "under", "monomial", "size"]),
)
values = st.recursive(
    leaves, lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(keys, inner, max_size=3)), max_leaves=8
)


def places(data: Any, path: tuple = ()) -> list[tuple]:
    """The path of every value inside JSON data."""
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [p for key, value in items for p in ((*path, key), *places(value, (*path, key)))]


@settings(max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(source=st.randoms(use_true_random=False), value=values, name=st.integers(0, 9))
def test_any_json_is_refused_politely(by_hand, source, value, name):
    """A valid file with any value anywhere in it is parsed or `Malformed`, then proved or `Rejected`."""
    data = by_hand[sorted(by_hand)[name]].to_json()
    put(value, *source.choice(places(data)))(data)
    for candidate in (data, value, {"schema": data["schema"], "statement": value, "proof": data["proof"]}):
        try:
            certificate = Certificate.from_json(candidate)
        except Malformed:
            continue
        assert Certificate.from_json(certificate.to_json()) == certificate
        try:
            check(certificate)
        except Rejected:
            continue


def test_keys_that_nobody_reads_are_refused(certificate):
    def objects(data: Any) -> list[dict]:
        inner = data.values() if isinstance(data, dict) else data if isinstance(data, list) else ()
        return [o for value in inner for o in objects(value)] + ([data] if isinstance(data, dict) else [])

    count = len(objects(certificate.to_json()))
    assert count > 4
    for i in range(count):
        data = certificate.to_json()
        objects(data)[i]["assumptions!"] = "x must be positive"
        refusal(data)
