"""The kernel accepts proofs from textbooks, and nothing false, malformed or endless."""

import itertools
import json
import random
import re
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from certify.kernel import (
    Certificate,
    EquationTerm,
    Fact,
    Functional,
    Malformed,
    Moment,
    Polynomial,
    Proof,
    Rejected,
    Statement,
    Term,
    check,
)

NONE: frozenset[str] = frozenset()
DOCUMENTATION = Path(__file__).parents[2] / "docs" / "certificate.md"


def polynomial(**terms: int) -> Polynomial:
    """The linear polynomial with these coefficients; the name ``one`` is the constant 1."""
    return Polynomial.from_json({"1" if n == "one" else n: str(c) for n, c in terms.items()})


def refusal(data: object) -> str:
    """The message with which JSON data is refused; fails if it is accepted or refused in another way."""
    with pytest.raises((Malformed, Rejected)) as refused:
        check(Certificate.from_json(data))
    assert type(refused.value) in (Malformed, Rejected)
    return str(refused.value)


# -- what must be accepted -----------------------------------------------------------------------------


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


# -- one broken rule at a time -------------------------------------------------------------------------

DROP = object()


def put(value: Any, *path: Any) -> Callable[[dict], None]:
    """The edit that puts a value at this place of JSON data (or drops what is there)."""

    def edit(data: dict) -> None:
        *parents, last = path
        inside: Any = data
        for key in parents:
            inside = inside[key]
        if value is DROP:
            del inside[last]
        elif isinstance(inside, list) and last == len(inside):
            inside.append(value)
        else:
            inside[last] = value

    return edit


S, P = "statement", "proof"
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


# -- attempts to prove something false -----------------------------------------------------------------


def one_term(statement: Statement, *terms: Term, **rest: Any) -> dict[str, Any]:
    return Certificate(statement, Proof(terms, **rest)).to_json()


LOCAL = frozenset("S")


def test_a_size_cannot_smuggle_in_a_hypothesis():
    """S[x] = S[1] is not assumed by calling S[x] the size of S: S[x²] ≥ S[x] is false at x = 1/2."""
    moments = (Moment("m", "S", (("x", 1),)), Moment("q", "S", (("x", 2),)))
    square = Term(Fraction(1), {}, polynomial(x=1, one=-1), ("S",))
    statement = Statement({"x": LOCAL}, polynomial(q=1, m=-1), functionals=(Functional("S", "m"),), moments=moments)
    assert "the size" in refusal(one_term(statement, square))
    conclusion = Polynomial.from_json({"q": "1", "m": "-2", "<a,a>": "1"})
    functionals = (Functional("S", "<a,a>"),)
    statement = replace(statement, conclusion=conclusion, functionals=functionals, vectors={"a": NONE})
    assert "the size" in refusal(one_term(statement, square))


def test_a_local_variable_is_not_a_constant():
    """S[x·x] is not x·S[x], and S[x]² is not S[x²]."""
    moments = (Moment("m", "S", (("x", 1),)), Moment("q", "S", (("x", 2),)))
    statement = Statement({"x": LOCAL}, Polynomial(), functionals=(Functional("S"),), moments=moments)
    square = Term(Fraction(1), {}, polynomial(x=1), ("S",))
    for false in ({"m*x": "1"}, {"m^2": "1"}, {"x^2": "1"}, {"q": "-1"}):
        assert "differ by" in refusal(one_term(replace(statement, conclusion=Polynomial.from_json(false)), square))
    check(Certificate(replace(statement, conclusion=polynomial(q=1)), Proof((square,))))


def test_the_mean_of_a_norm_is_not_the_norm_of_the_mean(by_hand):
    data = by_hand["noisy_vector"].to_json()
    data[S]["vectors"]["x"] = ["E"]
    assert "needed but not declared" in refusal(data)


def test_an_inequality_may_hold_at_one_index_only_if_it_holds_at_all():
    """b ≥ 0 for all indices gives S[b] ≥ 0, but S[b] ≥ 0 does not give b ≥ 0."""
    moments = (Moment("B", "S", (("b", 1),)),)
    statement = Statement({"b": LOCAL}, polynomial(b=1), functionals=(Functional("S"),), moments=moments)
    sum_ = replace(statement, hypotheses=(Fact("h", polynomial(B=1)),))
    assert "differ by" in refusal(one_term(sum_, Term(Fraction(1), {"h": 1})))
    assert "differ by" in refusal(one_term(sum_, Term(Fraction(1), {"h": 1}, None, ("S",))))


def test_a_multiplier_with_an_index_divides_at_every_index():
    """b p ≥ 0 for b = bᵢ > 0 gives p ≥ 0; S[b] p ≥ 0 does too, but only if S[b] is known to be positive."""
    moments = (Moment("B", "S", (("b", 1),)),)
    facts = (Fact("b>0", polynomial(b=1), True),)
    hypothesis = Fact("h", Polynomial.from_json({"b*p": "1"}))
    statement = Statement(
        {"b": LOCAL, "p": NONE},
        polynomial(p=1),
        functionals=(Functional("S"),),
        moments=moments,
        facts=facts,
        hypotheses=(hypothesis,),
    )
    check(Certificate(statement, Proof((Term(Fraction(1), {"h": 1}),), multiplier=(Term(Fraction(1), {"b>0": 1}),))))
    weak = replace(statement, facts=(*facts, Fact("B≥0", polynomial(B=1))))
    under = Term(Fraction(1), {"h": 1}, None, ("S",))
    assert "strictly positive" in refusal(one_term(weak, under, multiplier=(Term(Fraction(1), {"B≥0": 1}),)))


def test_a_sum_of_weak_facts_is_no_multiplier():
    statement = Statement(
        {"x": NONE, "y": NONE, "p": NONE},
        polynomial(p=1),
        facts=(Fact("x", polynomial(x=1)), Fact("y", polynomial(y=1), True)),
    )
    for multiplier in ([{"x": 1}], [{"x": 1, "y": 1}], [{"x": 1, "y": 3}, {"x": 2}]):
        terms = tuple(Term(Fraction(1), factors) for factors in multiplier)
        assert "strictly positive" in refusal(one_term(statement, multiplier=terms))
    assert "differ" in refusal(
        one_term(statement, multiplier=(Term(Fraction(1), {"x": 1}), Term(Fraction(1), {"y": 1})))
    )


def test_moments_that_define_each_other():
    """m = F[z·k], k = G[y·m] would be equations, not definitions."""
    both = frozenset("FG")
    moments = (Moment("m", "F", (("k", 1), ("z", 1))), Moment("k", "G", (("m", 1), ("y", 1))))
    statement = Statement(
        {"y": both, "z": both}, Polynomial(), functionals=(Functional("F"), Functional("G")), moments=moments
    )
    assert "every factor must depend" in refusal(one_term(statement))


def test_ambiguous_vector_names():
    """⟨'a', 'b,c'⟩ and ⟨'a,b', 'c'⟩ would share the name <a,b,c>."""
    vectors = dict.fromkeys(("a", "b,c", "a,b", "c"), NONE)
    assert "reserved" in refusal(one_term(Statement({}, Polynomial(), vectors=vectors)))


@pytest.mark.parametrize("name", ["1", "2", "1/2", "-x", "x*y", "x^2", "x y", ""])
def test_a_name_cannot_look_like_a_number_or_product(name):
    statement = Statement({name: NONE, "x": NONE}, polynomial(x=1), hypotheses=(Fact("h", polynomial(x=1)),))
    data = one_term(statement, Term(Fraction(1), {"h": 1}))
    data[S]["hypotheses"][0]["polynomial"] = data[S]["conclusion"] = {f"{name}*x": "1"}
    message = refusal(data)
    assert "monomial" in message or "not declared" in message


def test_objects_that_no_file_describes_are_refused():
    """A monomial x·x written as two powers of x is −x² to a reader; it must not be checked as −x."""
    twice = Polynomial({(("x", 1), ("x", 1)): -1})
    hypothesis = Fact("h", polynomial(x=-1))
    proof = Proof((Term(Fraction(1), {"h": 1}),))
    with pytest.raises(Rejected, match="twice"):
        check(Certificate(Statement({"x": NONE}, twice, hypotheses=(hypothesis,)), proof))
    orders = Polynomial({(("x", 1), ("y", 1)): 1, (("y", 1), ("x", 1)): -1})
    with pytest.raises(Rejected, match="twice"):
        check(Certificate(Statement({"x": NONE, "y": NONE}, orders), Proof(())))
    with pytest.raises(Rejected, match="whole number"):
        check(Certificate(Statement({"x": NONE}, Polynomial()), Proof((Term(Fraction(1), {"x": -1}),))))
    with pytest.raises(Rejected, match="digits"):
        check(Certificate(Statement({}, Polynomial.constant(10**5000)), Proof(())))


def test_the_square_of_nothing_is_zero_not_one():
    statement = Statement({}, Polynomial.constant(1))
    check(Certificate(statement, Proof((Term(Fraction(1)),))))
    for nothing in ({}, Polynomial()):
        with pytest.raises(Rejected, match="differ by 1"):
            check(Certificate(statement, Proof((Term(Fraction(1), {}, nothing),))))


indices = st.sampled_from([(), ("E",), ("S",), ("E", "S")])
shapes = st.dictionaries(
    st.dictionaries(st.sampled_from("abcd"), st.integers(1, 2), max_size=3).map(lambda d: tuple(sorted(d.items()))),
    st.integers(-5, 5).filter(bool),
    min_size=1,
    max_size=4,
).map(Polynomial)


@given(shapes, st.tuples(indices, indices, indices, indices), st.permutations("ES"), st.randoms(use_true_random=False))
def test_functionals_mean_what_they_say(inside, dependences, under, source):
    """The kernel's F[e] = 0 for an equation e = 0 is the true mean of the sum (or sum of the mean) of e."""
    depends = dict(zip("abcd", map(frozenset, dependences), strict=True))
    image, moments, known = inside, [], depends | {"n": NONE}
    for functional in under:  # the textbook rule: take out what is constant, name the rest
        terms: dict = {}
        for monomial, coefficient in image:
            rest = tuple(i for i in monomial if functional in known[i[0]])
            out = dict(i for i in monomial if functional not in known[i[0]])
            name = f"{functional}[{rest}]".translate(str.maketrans("", "", ", '<>"))
            if rest:
                if name not in known:
                    moments.append(Moment(name, functional, rest))
                    known[name] = frozenset().union(*(known[n] for n, _ in rest)) - {functional}
                out[name] = out.get(name, 0) + 1
            elif functional == "S":
                out["n"] = out.get("n", 0) + 1
            key = tuple(sorted(out.items()))
            terms[key] = terms.get(key, 0) + coefficient
        image = Polynomial(terms)
    statement = Statement(
        depends | {"n": NONE},
        image,
        "=",
        functionals=(Functional("E"), Functional("S", "n")),
        moments=tuple(moments),
        equations=(Fact("e", inside),),
    )
    proof = Proof((), (EquationTerm("e", Polynomial.constant(1), tuple(under)),))
    check(Certificate(statement, proof))

    # And the textbook rule is right: three samples, four summands, every number drawn anew.
    sizes = {"E": 3, "S": 4}
    cells = list(itertools.product(range(3), range(4)))
    arrays = {}
    for name, over in depends.items():
        drawn: dict = {}
        arrays[name] = {}
        for e, s in cells:
            key = (e if "E" in over else None, s if "S" in over else None)
            arrays[name][e, s] = drawn.setdefault(key, Fraction(source.randint(-9, 9)))
    arrays["n"] = dict.fromkeys(cells, Fraction(4))

    def values(p: Polynomial) -> dict:
        found = {}
        for cell in cells:
            found[cell] = Fraction(0)
            for monomial, coefficient in p:
                product = coefficient
                for name, exponent in monomial:
                    product *= arrays[name][cell] ** exponent
                found[cell] += product
        return found

    def apply(functional: str, table: dict) -> dict:
        axis, weight = "ES".index(functional), Fraction(1, 3) if functional == "E" else 1
        moved = [tuple(i if k == axis else None for k in range(2)) for i in range(sizes[functional])]
        lines = {c: [tuple(c[k] if m[k] is None else m[k] for k in range(2)) for m in moved] for c in cells}
        return {c: weight * sum(table[x] for x in line) for c, line in lines.items()}

    for moment in moments:
        arrays[moment.name] = apply(moment.functional, values(Polynomial({moment.monomial: 1})))
    table = values(inside)
    for functional in under:
        table = apply(functional, table)
    assert values(image) == table


# -- hostile files -------------------------------------------------------------------------------------


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
