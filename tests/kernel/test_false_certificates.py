"""Attempts to prove something false: names, moments and multipliers that mean less than they seem to."""

import itertools
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from certificate_edits import NONE, S, polynomial, refusal
from hypothesis import given
from hypothesis import strategies as st

from certify.kernel import (
    Certificate,
    EquationTerm,
    Fact,
    Functional,
    Moment,
    Polynomial,
    Proof,
    Rejected,
    Statement,
    Term,
    check,
)


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
