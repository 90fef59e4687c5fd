"""The kernel accepts proofs from textbooks, and names the rule that a broken one breaks."""

import json
import random
import re
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from certificate_edits import DROP, NONE, P, S, polynomial, put, refusal

from certify.kernel import (
    Certificate,
    Fact,
    Functional,
    Polynomial,
    Proof,
    Rejected,
    Statement,
    Term,
    check,
)

DOCUMENTATION = Path(__file__).parents[2] / "docs" / "certificate.md"


def test_textbook_proofs_are_accepted(certificate):
    assert check(certificate) == certificate.statement


def test_json_round_trip(certificate):
    data = json.loads(json.dumps(certificate.to_json()))
    assert Certificate.from_json(data) == certificate
    assert Certificate.from_json(data).to_json() == certificate.to_json()


def shuffled(data: Any, source: random.Random) -> Any:
    """The same JSON data with all keys and lists in another order, `under` (a composition) excepted."""
    if isinstance(data, dict):
        keys = source.sample(list(data), len(data))
        return {k: data[k] if k == "under" else shuffled(data[k], source) for k in keys}
    return [shuffled(d, source) for d in source.sample(data, len(data))] if isinstance(data, list) else data


@pytest.mark.parametrize("seed", range(10))
def test_the_order_of_lists_and_keys_does_not_matter(certificate, seed):
    source = random.Random(seed)  # noqa: S311
    check(Certificate.from_json(shuffled(certificate.to_json(), source)))
    wrong = certificate.to_json()
    wrong["statement"]["conclusion"]["1"] = "-1"
    assert refusal(shuffled(wrong, source)) == refusal(wrong)


def test_a_proof_of_nothing():
    zero = Statement({}, Polynomial())
    assert check(Certificate(zero, Proof(()))) == zero
    check(Certificate(replace(zero, relation="="), Proof(())))
    with pytest.raises(Rejected, match="strict"):
        check(Certificate(replace(zero, relation=">"), Proof(())))


def test_the_size_of_a_sum_is_positive():
    statement = Statement({"n": NONE}, polynomial(n=1), ">", functionals=(Functional("S", "n"),))
    check(Certificate(statement, Proof((Term(Fraction(1), under=("S",)),))))


def test_a_strict_hypothesis_stays_strict_in_its_file():
    statement = Statement({"x": NONE}, polynomial(x=1), ">", hypotheses=(Fact("h", polynomial(x=1), True),))
    certificate = Certificate(statement, Proof((Term(Fraction(1), {"h": 1}),)))
    check(certificate)
    check(Certificate.from_json(certificate.to_json()))


def test_work_is_bounded_by_the_caller(by_hand):
    check(by_hand["cauchy_schwarz"], work=1_000)
    with pytest.raises(Rejected, match="too much work"):
        check(by_hand["cauchy_schwarz"], work=10)


def test_the_documented_example():
    (block,) = re.findall(r"```json\n(.*?)```", DOCUMENTATION.read_text(encoding="utf-8"), re.DOTALL)
    certificate = Certificate.from_json(json.loads(block))
    check(certificate)
    assert certificate.to_json() == json.loads(block)


BROKEN = {
    "negative coefficient": ("jensen", put("-1", P, "terms", 0, "coefficient"), "must be positive"),
    "zero coefficient": ("jensen", put("0", P, "terms", 0, "coefficient"), "must be positive"),
    "negative coefficient in s": ("titu", put("-1", P, "multiplier", 0, "coefficient"), "must be positive"),
    "another coefficient": ("jensen", put("2", P, "terms", 0, "coefficient"), "differ by 2 monomials"),
    "no terms": ("jensen", put([], P, "terms"), "differ by"),
    "another conclusion": ("titu", put("2", S, "conclusion", "B*Q"), "differ by"),
    "unknown relation": ("jensen", put(">>", S, "relation"), "not one of"),
    "unknown factor": ("ball_proximal_gap", put({"nobody": 1}, P, "terms", 0, "factors"), "does not contain"),
    "unknown factor in s": ("titu", put({"nobody": 1}, P, "multiplier", 0, "factors"), "facts only"),
    "unknown equation": ("cancelled_factor", put("nobody", P, "equations", 0, "equation"), "does not contain"),
    "an equation as a factor": (
        "cancelled_factor",
        put([{"coefficient": "1", "factors": {"e": 1}}], P, "terms"),
        "equations only",
    ),
    "unknown variable in a square": ("strict_sum", put("1", P, "terms", 1, "square", "z"), "not declared"),
    "another exponent": ("strict_sum", put(2, P, "terms", 2, "factors", "a>0"), "differ by 2 monomials"),
    "exponent 0": ("strict_sum", put(0, P, "terms", 2, "factors", "a>0"), "from 1 to 64"),
    "exponent -1": ("strict_sum", put(-1, P, "terms", 2, "factors", "a>0"), "from 1 to 64"),
    "exponent true": ("strict_sum", put(True, P, "terms", 2, "factors", "d≥0"), "from 1 to 64"),
    "exponent 1.0": ("strict_sum", put(1.0, P, "terms", 2, "factors", "d≥0"), "from 1 to 64"),
    "unknown variable in a factor": ("cancelled_factor", put("1", P, "equations", 0, "factor", "z"), "not declared"),
    "unknown variable, unused fact": (
        "jensen",
        put([{"name": "f", "polynomial": {"z": "1"}}], S, "facts"),
        "not declared",
    ),
    "unknown variable in the conclusion": ("jensen", put("1", S, "conclusion", "z"), "not declared"),
    "unknown vector": ("cauchy_schwarz", put({"1": "1"}, P, "terms", 0, "square", "w"), "not declared"),
    "inner product in wrong order": ("cauchy_schwarz", put("1", S, "conclusion", "<v,u>"), "not declared"),
    "inner product of unknown vector": ("cauchy_schwarz", put("1", S, "conclusion", "<u,w>"), "not declared"),
    "unknown functional": ("jensen", put(["S"], P, "terms", 0, "under"), "needed but not declared"),
    "dependence on unknown functional": ("jensen", put(["E", "S"], S, "variables", "x"), "not declared"),
    "vector on unknown functional": ("noisy_vector", put(["S"], S, "vectors", "x"), "not declared"),
    "missing moment": ("jensen", put(DROP, S, "moments", 0), "not declared"),
    "moment of another functional": ("jensen", put("S", S, "moments", 0, "functional"), "every factor must depend"),
    "moment of an outside factor": ("sum_of_squares", put("n*x", S, "moments", 0, "monomial"), "every factor"),
    "moment of 1": ("jensen", put({"name": "z", "functional": "E", "monomial": "1"}, S, "moments", 2), "twice"),
    "moment of 1 and nothing": (
        "jensen",
        put({"name": "z", "functional": "?", "monomial": "1"}, S, "moments", 2),
        "every factor must depend",
    ),
    "moment with two names": (
        "jensen",
        put({"name": "z", "functional": "E", "monomial": "x"}, S, "moments", 2),
        "twice",
    ),
    "moment of itself": ("jensen", put("m*x", S, "moments", 0, "monomial"), "every factor must depend"),
    "duplicate moment": ("jensen", put({"name": "m", "functional": "E", "monomial": "x^3"}, S, "moments", 2), "twice"),
    "moment named like a variable": ("jensen", put([], S, "variables", "m"), "variable and as a moment"),
    "duplicate functional": ("jensen", put({"name": "E"}, S, "functionals", 1), "twice"),
    "duplicate fact": ("titu", put({"name": "b≥0", "polynomial": {"b": "1"}}, S, "facts", 2), "twice"),
    "hypothesis named like a fact": (
        "titu",
        put([{"name": "b≥0", "polynomial": {"b": "1"}}], S, "hypotheses"),
        "twice",
    ),
    "duplicate equation": ("cancelled_factor", put({"name": "e", "polynomial": {}}, S, "equations", 1), "twice"),
    "size with an index": ("sum_of_squares", put(["S"], S, "variables", "n"), "the size of a functional"),
    "undeclared size": ("sum_of_squares", put("z", S, "functionals", 0, "size"), "the size of a functional"),
    "weak multiplier": ("titu", put(False, S, "facts", 1, "strict"), "not known to be strictly positive"),
    "multiplier with a hypothesis": (
        "ball_proximal_gap",
        put([{"coefficient": "1", "factors": {"decrease": 1}}], P, "multiplier"),
        "facts only",
    ),
    "multiplier with a square": ("titu", put({"u": "1"}, P, "multiplier", 0, "square"), "facts only"),
    "multiplier under a functional": ("titu", put(["S"], P, "multiplier", 0, "under"), "facts only"),
    "equality from terms": ("jensen", put("=", S, "relation"), "from equations only"),
    "equality with a weak multiplier": ("cancelled_factor", put(False, S, "facts", 0, "strict"), "strictly positive"),
    "strictness from nothing": ("jensen", put(">", S, "relation"), "no term is strictly positive"),
    "strictness from a weak fact": ("strict_sum", put(False, S, "facts", 0, "strict"), "no term is strictly positive"),
    "order of functionals": ("layerwise_variance", put(["layer", "E"], P, "terms", 0, "under"), "not declared"),
    "functional left out": ("layerwise_variance", put(["E"], P, "terms", 0, "under"), "differ by"),
    "equation without its functional": ("mean_of_an_equation", put([], P, "equations", 0, "under"), "differ by"),
    "a mean instead of a sum": ("sum_of_squares", put(None, S, "functionals", 0, "size"), "functionals"),
    "17 functionals": ("jensen", put([{"name": f"F{i}"} for i in range(17)], S, "functionals"), "more than 16"),
}


@pytest.mark.parametrize("rule", BROKEN)
def test_a_broken_rule_is_named(by_hand, rule):
    name, edit, message = BROKEN[rule]
    data = by_hand[name].to_json()
    edit(data)
    assert message in refusal(data)


@pytest.mark.parametrize("name", ["<", "a,b", "<u,u>", "a>", "<u,v>"])
@pytest.mark.parametrize("place", ["variables", "vectors", "moments"])
def test_names_reserved_for_inner_products(by_hand, name, place):
    data = by_hand["noisy_vector"].to_json()
    if place == "moments":
        data[S][place].append({"name": name, "functional": "E", "monomial": "<g,g>^2"})
    else:
        data[S].setdefault(place, {})[name] = []
    assert "reserved for inner products" in refusal(data)


def test_a_sum_is_not_a_mean(by_hand):
    data = by_hand["sum_of_squares"].to_json()
    del data[S]["functionals"][0]["size"]
    assert "differ by" in refusal(data)
    assert "size" not in by_hand["jensen"].to_json()[S]["functionals"][0]
