"""Analyses from the store: complete, re-checked by the kernel, and never believed when they were touched."""

import json

import pytest

from certify.analysis import stored
from certify.analysis.analyse import analyse
from certify.analysis.errors import BadInput
from certify.analysis.results import Verdict
from certify.analysis.stored import from_json, stored_analysis, to_json
from certify.analysis.survey import survey
from certify.store import Results

OPTIONS = {"measure": None, "sdp": False, "simulate": False, "seconds": 30.0}


@pytest.fixture(scope="module")
def ppm():
    return analyse("ppm", **OPTIONS)


@pytest.fixture
def store():
    with Results(None) as results:
        stored_analysis(results, "ppm", **OPTIONS)
        yield results


@pytest.fixture
def never(monkeypatch, store):
    """From now on, whoever computes anew fails."""

    def refuse(*_arguments, **_options):
        raise AssertionError("computed again")

    monkeypatch.setattr(stored, "analyse", refuse)


def _change(store, edit):
    """Edit the JSON of the one analysis in the store."""
    key, text = store._connection.execute("SELECT key, value FROM results").fetchone()
    data = json.loads(text)
    edit(data)
    store.put(key, data)


def test_nothing_is_lost_on_the_way(ppm):
    data = json.loads(json.dumps(to_json(ppm)))
    again = from_json(data)
    assert to_json(again) == to_json(ppm)
    assert again.theorems[0].verdict is Verdict.PROVED
    assert again.theorems[0].proof == ppm.theorems[0].proof


@pytest.mark.usefixtures("never")
def test_what_is_known_is_not_computed_again(store):
    found = stored_analysis(store, "ppm", **OPTIONS)
    assert found.theorems
    assert {theorem.verdict for theorem in found.theorems} == {Verdict.PROVED}


@pytest.mark.usefixtures("never")
def test_another_question_has_another_key(store):
    with pytest.raises(AssertionError, match="computed again"):
        stored_analysis(store, "ppm", **OPTIONS | {"seconds": 5.0})
    with pytest.raises(AssertionError, match="computed again"):
        stored_analysis(store, "ppm", ["convex"], **OPTIONS)


@pytest.mark.usefixtures("never")
def test_other_code_has_another_key(store, monkeypatch):
    monkeypatch.setattr(stored, "code_digest", lambda _files: "other")
    with pytest.raises(AssertionError, match="computed again"):
        stored_analysis(store, "ppm", **OPTIONS)


def _weight(data):
    part = data["theorems"][0]["certificate"]["parts"][0]["certificate"]
    text = json.dumps(part)
    assert '"1"' in text
    data["theorems"][0]["certificate"]["parts"][0]["certificate"] = json.loads(text.replace('"1"', '"7/5"'))


@pytest.mark.parametrize(
    "edit",
    [
        _weight,
        lambda data: data["theorems"][0].update(certificate=None),
        lambda data: data["theorems"][0]["certificate"]["parts"].pop(),
        lambda data: data["theorems"][0].pop("rate"),
        lambda data: data["theorems"].insert(0, "nonsense"),
        lambda data: data["theorems"][0].update(verdict="certain"),
    ],
)
@pytest.mark.usefixtures("never")
def test_what_the_kernel_does_not_accept_is_computed_again(store, edit):
    _change(store, edit)
    with pytest.raises(AssertionError, match="computed again"):
        stored_analysis(store, "ppm", **OPTIONS)


def test_what_was_left_open_is_not_kept(monkeypatch, ppm):
    from dataclasses import replace

    unsettled = replace(ppm, theorems=(replace(ppm.theorems[0], verdict=Verdict.OPEN), ppm.theorems[1]))
    monkeypatch.setattr(stored, "analyse", lambda *_a, **_k: unsettled)
    with Results(None) as results:
        stored_analysis(results, "ppm", **OPTIONS)
        assert results._connection.execute("SELECT count(*) FROM results").fetchone() == (0,)


def test_a_survey_leaves_out_what_does_not_apply(tmp_path):
    calls = []
    found = survey(
        ["gd", "ppm", "subgradient"],
        ["strongly-convex"],
        sdp=False,
        jobs=1,
        folder=tmp_path,
        progress=lambda *state: calls.append(state),
    )
    assert [analysis.method for analysis in found] == ["ppm"]
    assert calls[-1] == ("ppm", 1, 1)
    with pytest.raises(BadInput, match="no theorem of these methods applies"):
        survey(["subgradient"], ["pl"], folder=tmp_path)
