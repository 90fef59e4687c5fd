"""A theorem file is refused whenever it is not a proof of the theorem it names, valid algebra or not."""

import copy
import json

import pytest

from certify.analysis.bundles import bundle, verify
from certify.analysis.catalogue import load_method
from certify.analysis.conclude import conclude
from certify.analysis.errors import BadInput
from certify.kernel import Malformed, Rejected
from certify.language import pose
from certify.prove.prover import prove


def stored(method, name):
    kind = load_method(method)
    theorem = kind.theorems()[name]
    proved = prove(pose(kind, theorem.assumptions, theorem))
    return json.loads(json.dumps(bundle(proved, proved.problem.identifier, conclude(proved).strict)))


@pytest.fixture(scope="module")
def originals():
    return {key: stored(*key) for key in (("bpm", "distance"), ("gd", "distance"), ("gd", "gap"))}


@pytest.fixture
def bpm(originals):
    return copy.deepcopy(originals["bpm", "distance"])


@pytest.fixture
def gd(originals):
    return copy.deepcopy(originals["gd", "distance"])


def renamed(data, old, new):
    """The same file with a parameter scaled: `old` stands for `new` everywhere. Still valid algebra."""
    return json.loads(json.dumps(data).replace(old, new))


def test_the_originals_are_accepted(originals):
    for data in originals.values():
        assert verify(data).traced


def test_a_valid_certificate_of_another_method_is_refused(bpm):
    other = renamed(bpm, 't^2"', 't^4"')
    other["admissible"] = []  # t² > 0 was proved as a product
    assert not verify(other, kernel_only=True).traced  # the algebra is fine: a method with radius t²
    with pytest.raises(Rejected, match=r"not the theorem's|not one of the theorem's"):
        verify(other)


def test_every_part_is_needed(bpm):
    for i in range(len(bpm["parts"])):
        less = copy.deepcopy(bpm)
        part = less["parts"].pop(i)
        with pytest.raises(Rejected, match="missing"):
            verify(less)
        del part


def test_cases_must_cover_the_domain(gd):
    gd["parts"] = [p for p in gd["parts"] if p["role"] != "step"] + [p for p in gd["parts"] if p["role"] == "step"][:1]
    with pytest.raises(Rejected, match="cover"):
        verify(gd)


def test_a_better_rate_is_refused(gd):
    for part in gd["parts"]:
        if part["unknown"]:
            part["unknown"]["denominator"] = {"1": "2"}
    with pytest.raises(Rejected):
        verify(gd)


def test_a_hypothesis_of_ones_own_is_refused(bpm):
    certificate = bpm["parts"][0]["certificate"]
    statement = certificate["statement"]
    statement["hypotheses"] = [{"name": "wish", "polynomial": statement["conclusion"]}]
    certificate["proof"] = {"terms": [{"coefficient": "1", "factors": {"wish": 1}}]}
    assert not verify(bpm, kernel_only=True).traced
    with pytest.raises(Rejected, match="wish"):
        verify(bpm)


def test_strictness_is_not_invented(bpm):
    statement = bpm["parts"][0]["certificate"]["statement"]
    statement["facts"] = [{"name": "minimum[1]", "strict": True, "polynomial": {"f1": "1", "f⋆": "-1"}}]
    with pytest.raises(Rejected):
        verify(bpm)


@pytest.mark.parametrize("name", ["no-such-method", 3, None])
def test_unknown_methods_are_refused(bpm, name):
    bpm["theorem"]["method"] = name
    with pytest.raises(BadInput):
        verify(bpm)


def test_the_lemma_must_be_the_theorems(bpm):
    bpm["lemma"] = "contraction"
    with pytest.raises(Rejected, match="lemma"):
        verify(bpm)


@pytest.mark.parametrize("key", ["parts", "theorem", "admissible", "implied"])
def test_missing_entries_are_malformed(bpm, key):
    del bpm[key]
    with pytest.raises(Malformed):
        verify(bpm)


def test_ties_are_part_of_the_theorem(gd):
    gd["theorem"]["values"] = {"gamma": {"numerator": {"1": "1"}, "denominator": {"L": "1"}}}
    with pytest.raises(Rejected):
        verify(gd)


def test_a_single_certificate_names_no_theorem(bpm):
    certificate = bpm["parts"][0]["certificate"]
    with pytest.raises(BadInput, match="kernel-only"):
        verify(certificate)
    assert not verify(certificate, kernel_only=True).traced


def test_what_is_said_is_not_taken_from_the_file(bpm):
    """Notes and names in a file are for people who read it; `verify` says those of the declarations."""
    told = verify(copy.deepcopy(bpm))
    bpm["theorem"]["id"] = "gd/nonsense"
    for part in bpm["parts"]:
        statement = part["certificate"]["statement"]
        for each in (*statement.get("hypotheses", ()), *statement.get("equations", ())):
            each["note"] = "it holds for every function"
    assert verify(bpm) == told
