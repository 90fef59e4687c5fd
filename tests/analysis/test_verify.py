"""Theorem files once more: recomputed without the kernel, and refused in one sentence whatever is done to them."""

import copy
import json
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction as Q
from functools import cache
from math import prod
from pathlib import Path
from typing import Any

import pytest

from certify.analysis.bundles import bundle, verify
from certify.analysis.catalogue import load_method
from certify.analysis.conclude import conclude
from certify.analysis.errors import BadInput
from certify.kernel import Malformed, Rejected
from certify.language import Scalar, pose
from certify.methods.gd import GradientDescent
from certify.prove.inductions import LEMMAS, induction
from certify.prove.prover import Proved, prove, prove_side

Data = dict[str, Any]
STORED = [
    ("bpm", "gap", "euclidean"),
    ("bpm", "gap-any-norm", "any"),
    ("bpm", "subgradient", "any"),
    ("bpm", "gap-potential", "euclidean"),
    ("gd", "descent", "euclidean"),
    ("gd", "distance", "euclidean"),
    ("gd", "gap", "euclidean"),
    ("gd", "gap-pl-long", "euclidean"),
    ("gd", "gradient-long", "euclidean"),
    ("ppm", "gap", "euclidean"),
]


@cache
def _stored(method: str, name: str, norm: str) -> str:
    kind = load_method(method)
    statement = kind.theorems()[name]
    proved = prove(pose(kind, statement.assumptions, statement, norm=norm))
    return json.dumps(bundle(proved, proved.problem.identifier, conclude(proved).strict))


def stored(method: str, name: str, norm: str = "euclidean") -> Data:
    """A fresh copy of a theorem's file."""
    return json.loads(_stored(method, name, norm))


def refused(data: object, **options: Any) -> str:
    """The one sentence with which a file is refused."""
    with pytest.raises((Rejected, Malformed, BadInput)) as caught:
        verify(data, **options)
    message = str(caught.value)
    assert message
    assert "\n" not in message
    assert len(message) < 400
    return message


def certificates(data: Data) -> list[Data]:
    """All certificates of a file."""
    steps = [] if data["induction"] is None else [data["induction"]]
    return [*(part["certificate"] for part in data["parts"]), *data["admissible"], *data["implied"], *steps]


# --- the same arithmetic without the kernel ------------------------------------------------------


def number(polynomial: dict[str, str], point: dict[str, Q]) -> Q:
    """The value of a polynomial in its JSON form."""
    total = Q(0)
    for monomial, coefficient in polynomial.items():
        factors = [] if monomial == "1" else [f.partition("^") for f in monomial.split("*")]
        total += Q(coefficient) * prod((point[n] ** int(e or 1) for n, _, e in factors), start=Q(1))
    return total


def polynomials(value: Any) -> Iterator[dict[str, str]]:
    """All objects in JSON data that map monomials to numbers."""
    if isinstance(value, dict):
        if value and all(isinstance(v, str) and v.lstrip("-")[:1].isdigit() for v in value.values()):
            yield value
        for inside in value.values():
            yield from polynomials(inside)
    elif isinstance(value, list):
        for inside in value:
            yield from polynomials(inside)


def sides(certificate: Data, point: dict[str, Q]) -> tuple[Q, Q]:
    """Both sides of the identity at a point."""
    statement, proof = certificate["statement"], certificate["proof"]
    known = {f["name"]: f["polynomial"] for key in ("facts", "hypotheses") for f in statement.get(key, [])}
    zeros = {e["name"]: e["polynomial"] for e in statement.get("equations", [])}

    def term(data: Data) -> Q:
        assert Q(data["coefficient"]) > 0
        size = Q(data["coefficient"])
        for name, exponent in data.get("factors", {}).items():
            size *= number(known[name], point) ** exponent
        root = data.get("square")
        if root is None:
            return size
        if not any(isinstance(v, dict) for v in root.values()):
            return size * number(root, point) ** 2
        form = [(v, number(p, point)) for v, p in root.items()]
        return size * sum(p * q * point[f"<{min(a, b)},{max(a, b)}>"] for a, p in form for b, q in form)

    multiplier = sum((term(t) for t in proof.get("multiplier", [])), Q(0)) if proof.get("multiplier") else Q(1)
    right = sum((term(t) for t in proof["terms"]), Q(0))
    right += sum(
        (number(e["factor"], point) * number(zeros[e["equation"]], point) for e in proof.get("equations", [])), Q(0)
    )
    return multiplier * number(statement["conclusion"], point), right


def random_point(certificate: Data, generator: random.Random) -> dict[str, Q]:
    """Random rationals for all variables; inner products are those of random vectors of ℚ³."""

    def draw() -> Q:
        return Q(generator.randrange(-50, 50), generator.randrange(1, 9))

    statement = certificate["statement"]
    vectors = {v: [draw() for _ in range(3)] for v in statement.get("vectors", {})}
    point = {n: draw() for n in statement["variables"]}
    for a, u in vectors.items():
        for b, v in vectors.items():
            if a <= b:
                point[f"<{a},{b}>"] = sum((x * y for x, y in zip(u, v, strict=True)), Q(0))
    return point


@pytest.mark.parametrize(("method", "name", "norm"), STORED)
def test_both_sides_agree_at_random_points(method, name, norm) -> None:
    generator = random.Random(0)  # noqa: S311
    for certificate in certificates(stored(method, name, norm)):
        for _ in range(3):
            left, right = sides(certificate, random_point(certificate, generator))
            assert left == right


@pytest.mark.parametrize("lemma", [name for name in LEMMAS if name not in ("titu", "integral decrease")])
def test_induction_steps_agree_at_random_points(lemma) -> None:
    generator = random.Random(0)  # noqa: S311
    certificate = induction(lemma)
    assert certificate is not None
    data = json.loads(json.dumps(certificate.to_json()))
    for _ in range(3):
        left, right = sides(data, random_point(data, generator))
        assert left == right


def test_the_independent_evaluation_notices_a_wrong_coefficient() -> None:
    certificate = stored("gd", "gap")["parts"][0]["certificate"]
    certificate["proof"]["terms"][0]["coefficient"] = "7/3"
    left, right = sides(certificate, random_point(certificate, random.Random(0)))  # noqa: S311
    assert left != right


# --- round trip ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("method", "name", "norm"), STORED)
def test_stored_theorems_are_verified(method, name, norm) -> None:
    data = stored(method, name, norm)
    before = copy.deepcopy(data)
    result = verify(data)
    assert data == before
    assert result.traced
    assert result.identifier == f"{method}/{'+'.join(data['theorem']['assumptions'])}/{name}"
    checked = [s for s in result.sentences if not s.startswith(("theorem:", "derived:"))]
    assert len(checked) == len(certificates(data))
    alone = verify(data, kernel_only=True)
    assert not alone.traced
    assert [s for s in alone.sentences if not s.startswith("derived:")] == checked


def test_a_tied_theorem_is_verified_with_its_ties() -> None:
    kind = load_method("gd")
    statement = kind.theorems()["gap-pl"]
    ties = {"gamma": {"numerator": {"1": "1"}, "denominator": {"L": "1"}}}
    proved = prove(pose(kind, statement.assumptions, statement, {"gamma": 1 / Scalar.variable("L")}))
    data = json.loads(json.dumps(bundle(proved, proved.problem.identifier)))
    assert data["theorem"]["values"] == ties
    assert verify(data).traced
    data["theorem"]["values"] = {}
    refused(data)


# --- valid algebra of another theorem ------------------------------------------------------------


def scaled(data: Data, name: str, factor: int) -> Data:
    """The file with factor · name for name in every polynomial: the identities survive."""
    changed = copy.deepcopy(data)
    for polynomial in polynomials({"all": [certificates(changed), changed["parts"]]}):
        for monomial, coefficient in polynomial.items():
            power = sum(int(e or 1) for n, _, e in (f.partition("^") for f in monomial.split("*")) if n == name)
            polynomial[monomial] = str(Q(coefficient) * factor**power)
    return changed


@pytest.mark.parametrize(("method", "name", "parameter"), [
    ("gd", "distance", "gamma"), ("gd", "gap", "gamma"), ("gd", "gap-pl-long", "mu"), ("gd", "descent", "L"),
    ("ppm", "gap", "gamma"), ("bpm", "gap", "t"), ("bpm", "gap-potential", "M"), ("bpm", "gap", "<x0-x⋆,x0-x⋆>"),
])  # fmt: skip
def test_a_scaled_parameter_is_another_theorem(method, name, parameter) -> None:
    data = stored(method, name)
    if parameter.startswith("<"):  # a changed coordinate: the squares of a proof do not survive that
        refused(scaled(data, parameter, 2))
        return
    changed = scaled(data, parameter, 2)
    assert changed != data
    verify(changed, kernel_only=True)
    assert "theorem's" in refused(changed) or "sign" in refused(changed)


def test_twice_the_conclusion_is_another_conclusion() -> None:
    data = stored("gd", "gap")
    certificate = data["parts"][0]["certificate"]
    for name, value in certificate["statement"]["conclusion"].items():
        certificate["statement"]["conclusion"][name] = str(2 * Q(value))
    for term in certificate["proof"]["terms"]:
        term["coefficient"] = str(2 * Q(term["coefficient"]))
    verify(data, kernel_only=True)
    assert "conclusion" in refused(data)


def test_half_a_hypothesis_is_another_hypothesis() -> None:
    data = stored("gd", "gap")
    certificate = data["parts"][0]["certificate"]
    hypothesis = certificate["statement"]["hypotheses"][0]
    hypothesis["polynomial"] = {m: str(Q(c) / 2) for m, c in hypothesis["polynomial"].items()}
    for term in certificate["proof"]["terms"]:
        uses = term.get("factors", {}).get(hypothesis["name"], 0)
        term["coefficient"] = str(Q(term["coefficient"]) * 2**uses)
    verify(data, kernel_only=True)
    assert "hypothesis" in refused(data)


def test_equations_need_the_assumption_that_gives_them() -> None:
    """The distance law uses ‖x⁺ − x‖ = t, which lower semicontinuous functions need not satisfy."""
    data = stored("bpm", "distance")
    verify(data)
    data["theorem"]["assumptions"] = ["ball-convex-lsc"]
    refused(data)


@pytest.mark.parametrize("fact", [
    {"name": "gamma<1", "polynomial": {"1": "1", "gamma": "-1"}, "strict": True},
    {"name": "L>0", "polynomial": {"L": "1", "1": "-1"}, "strict": True},
    {"name": "given[0]", "polynomial": {"1": "1", "L*gamma": "-1"}, "strict": True},
])  # fmt: skip
def test_facts_are_not_invented(fact) -> None:
    data = stored("gd", "gap")
    statement = data["parts"][0]["certificate"]["statement"]
    statement["facts"] = [f for f in statement["facts"] if f["name"] != fact["name"]] + [fact]
    refused(data)


# --- what a file says about itself ----------------------------------------------------------------


def test_the_identifier_is_that_of_the_declaration() -> None:
    data = stored("gd", "distance")
    data["theorem"]["id"] = "gd/convex/superlinear"
    assert verify(data).identifier == "gd/smooth-strongly-convex/distance"


@pytest.mark.parametrize(("key", "value"), [
    ("norm", "any"), ("norm", None), ("name", "gap-of-gold"), ("name", None), ("assumptions", ["smooth"]),
    ("assumptions", []), ("assumptions", ["convex", "no-such-assumption"]), ("assumptions", "smooth-convex"),
    ("method", "ppm"), ("method", "gd.py"), ("method", "../methods/gd.py"), ("method", ["gd"]), ("values", []),
    ("values", {"gamma": "1/L"}), ("values", {"gamma": {"numerator": {"1": "3"}, "denominator": {"L": "1"}}}),
    ("values", {"gamma": {"numerator": {"1": "1"}, "denominator": {}}}),
    ("values", {"gamma": {"numerator": {"f0": "1"}, "denominator": {"1": "1"}}}),
    ("values", {"N": {"numerator": {"1": "1"}, "denominator": {"1": "1"}}}),
    ("values", {"gamma": {"numerator": {"L^61": "1"}, "denominator": {"1": "1"}}}),
])  # fmt: skip
def test_another_theorem_is_named(key, value) -> None:
    data = stored("gd", "gap")
    data["theorem"][key] = value
    refused(data)


@pytest.mark.parametrize("role", ["assumption", "method"])
def test_files_named_inside_a_file_are_not_run(tmp_path: Path, role: str) -> None:
    trace = tmp_path / "trace"
    source = tmp_path / "own.py"
    source.write_text(f"open({str(trace)!r}, 'w').close()\n", encoding="utf-8")
    data = stored("gd", "gap")
    if role == "method":
        data["theorem"]["method"] = str(source)
    else:
        data["theorem"]["assumptions"] = [str(source)]
    assert "not the name" in refused(data)
    assert "not the name" in refused(data, methods={"another": str(tmp_path / "elsewhere.py")})
    assert not trace.exists()


@pytest.mark.parametrize("unknown", [
    None, "1/2", {"numerator": {"1": "1"}}, {"numerator": {"1": "1"}, "denominator": {}},
    {"numerator": {"<g0,g0>": "1"}, "denominator": {"1": "1"}}, {"numerator": {"f0": "1"}, "denominator": {"1": "1"}},
    {"numerator": {"1": "-1"}, "denominator": {"1": "1"}}, {"numerator": {"1": "1"}, "denominator": {"f0": "1"}},
])  # fmt: skip
@pytest.mark.parametrize("name", ["distance", "descent"])
def test_the_derived_number_is_a_formula_in_the_parameters(name, unknown) -> None:
    data = stored("gd", name)
    data["parts"][0]["unknown"] = unknown
    refused(data)


# --- cases ---------------------------------------------------------------------------------------


def test_cases_with_a_further_condition_do_not_cover() -> None:
    data = stored("gd", "distance")
    for part in data["parts"]:
        part["conditions"].append({"L": "1", "1": "-1"})
    assert "cover" in refused(data)


def test_many_conditions_are_not_enumerated() -> None:
    data = stored("bpm", "gap")
    narrow = copy.deepcopy(data["parts"][0])
    narrow["conditions"] = [{f"a{i}": "1"} for i in range(900)]
    data["parts"].append(narrow)
    assert verify(data).traced  # the unconditional case is still there
    data["parts"] = data["parts"][1:]
    assert "cover" in refused(data)


@pytest.mark.parametrize("conditions", [None, {}, ["x"], [{"x": 1}], [{"x": "1.5"}], [{"x": "1"}] * 1001])
def test_conditions_are_polynomials(conditions) -> None:
    data = stored("gd", "distance")
    data["parts"][0]["conditions"] = conditions
    refused(data)


@pytest.mark.parametrize(
    "role", ["", "step2", "end[9]", "end[-1]", "end[1", "support[0]", "step[0]", "end[٠]", None, 3]
)
def test_parts_have_roles_that_the_theorem_knows(role) -> None:
    data = stored("gd", "gap")
    data["parts"][0]["role"] = role
    refused(data)


# --- no theorem at all ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data", [None, 3, "gd", [], {}, {"schema": "certify/theorem/2"}, {"schema": "certify/theorem/1"}]
)
def test_other_json_is_malformed(data) -> None:
    refused(data)
    refused(data, kernel_only=True)


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The paths to all leaves of JSON data."""
    if isinstance(value, dict | list) and value:
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, inside in items:
            yield from leaves(inside, (*path, key))
    else:
        yield path


DAMAGE: list[Callable[[Any], Any]] = [
    lambda v: None,
    lambda v: 1.5,
    lambda v: float("nan"),
    lambda v: [v],
    lambda v: {"x": v},
    lambda v: "0",
    lambda v: f"-{v}",
    lambda v: f"{v}^2",
    lambda v: "x" * 300,
    lambda v: "1/0",
    lambda v: True,
]


@pytest.mark.parametrize(("method", "name"), [("gd", "distance"), ("bpm", "gap-potential"), ("ppm", "gap")])
def test_damage_anywhere_is_refused_or_harmless(method, name) -> None:
    """No damage raises anything else, and what is still accepted has the conclusions of the theorem."""
    original = stored(method, name)
    generator, places = random.Random(0), list(leaves(original))  # noqa: S311
    conclusions = [part["certificate"]["statement"]["conclusion"] for part in original["parts"]]
    rejected = 0
    for _ in range(80):
        data = copy.deepcopy(original)
        *path, last = generator.choice(places)
        holder = data
        for key in path:
            holder = holder[key]
        holder[last] = generator.choice(DAMAGE)(holder[last])
        if data == original:
            continue
        try:
            verify(data)
        except (Rejected, Malformed, BadInput):
            rejected += 1
        else:
            assert [part["certificate"]["statement"]["conclusion"] for part in data["parts"]] == conclusions
    assert rejected > 50


def test_a_derived_number_from_which_no_bound_follows_is_rejected() -> None:
    """−Lγ²‖∇f(x)‖² ≤ f(x) − f(x⁺) is true for all γ, and its proof is one of the step."""
    declared = GradientDescent.theorems()["descent"]
    problem = pose(GradientDescent, declared.assumptions, declared)
    weight = -Scalar.variable("L") * Scalar.variable("gamma") ** 2
    solved = replace(problem, goal=problem.goal.solved(weight))
    step = prove_side(solved, solved.goal.sides, "step")
    cases = tuple(replace(case, unknown=weight) for case in step.cases)
    parts = [replace(step, cases=cases)]
    parts += [prove_side(solved, side, role) for role, side in solved.claims().items() if role != "step"]
    forged = bundle(Proved(problem, tuple(parts), 0.0), "forged")
    with pytest.raises(Rejected, match="no bound follows"):
        verify(forged)
    assert verify(forged, kernel_only=True)
