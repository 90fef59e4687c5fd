"""Files of claims are data from strangers: read within limits, or refused in a sentence, whatever is in them."""

import json
import tracemalloc
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from certify.analysis.errors import BadInput
from certify.claims.files import MAX_BYTES, claims, parsed, read

GD = {"method": "gd", "assumptions": ["smooth-convex"], "set": {"gamma": "1/L"}, "claim": "f(x_N) - f* <= L R^2/(2 N)"}
TOML = b"""
[[claim]]
method = "gd"
assumptions = ["smooth-convex"]
set = { gamma = "1/L" }
claim = "f(x_N) - f* <= L R^2/(2 N)"
"""
YAML = (
    b"claim:\n- method: gd\n  assumptions: [smooth-convex]\n  set: {gamma: 1/L}\n  claim: f(x_N) - f* <= L R^2/(2 N)\n"
)


def test_three_formats_say_the_same() -> None:
    found = [parsed(TOML, ".toml"), parsed(YAML, ".yaml"), parsed(json.dumps({"claim": [GD]}).encode(), ".json")]
    assert found[0] == found[1] == found[2]
    (one,) = claims(found[0])
    assert one.method.name == "gd"
    assert one.statement == GD["claim"]


@pytest.mark.parametrize(
    ("data", "suffix", "what"),
    [
        (b"claim: &a [*a]", ".yaml", "anchors"),
        (b"a: &a [1]\nb: *a", ".yaml", "anchors"),
        (b"!!python/object/apply:os.system ['true']", ".yaml", "tags"),
        (b"a: 1\na: 2", ".yaml", "once"),
        (b"[" * 3000, ".yaml", "deep"),
        (b"[" * 100_000, ".json", "valid JSON"),
        (b'{"a": 1, "a": 2}', ".json", "twice"),
        (b'{"a": NaN}', ".json", "number"),
        (b"\xff\xfe", ".toml", "UTF-8"),
        (b"a = ", ".toml", "valid TOML"),
        (b"x" * (MAX_BYTES + 1), ".toml", "kB"),
        (b"{}", ".ini", "ends in"),
        (b"a" + b".a" * 20_000 + b" = 1", ".toml", "dots"),
        (b"[[[[[[[[[[1]]]]]]]]]]", ".json", "deep"),
    ],
)
def test_refusals(data: bytes, suffix: str, what: str) -> None:
    with pytest.raises(BadInput, match=what):
        parsed(data, suffix)


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"method": "./evil.py"}, "built-in"),
        ({"method": "nope"}, "unknown method"),
        ({"assumptions": ["evil.py"]}, "names such as"),
        ({"assumptions": []}, "no assumption is given"),
        ({"assumptions": None}, "missing"),
        ({"noise": "loud"}, "second moment or a variance"),
        ({"set": {"delta": "1"}}, "no parameter"),
        ({"set": {"gamma": "gamma"}}, "in terms of itself"),
        ({"set": {"gamma": "1/0.0.0"}}, "not understood"),
        ({"claim": "f(x_N) - f* <= nonsense"}, "unknown name"),
        ({"claim": "f(x_N) <= L"}, "left side"),
        ({"claim": "f(x_N) - f* < L"}, "one inequality"),
        ({"claim": "f(x_N) - f* <= f(x_N)"}, "right side"),
        ({"claim": 7}, "text"),
        ({"colour": "red"}, "unknown key"),
        ({"steps": 0}, "from 1 to"),
        ({"steps": "N <= 5"}, "must read"),
        ({"where": ["gamma"]}, "expected <="),
        ({"iterate": "best"}, "which iterates"),
        ({"norm": 3}, "text"),
        ({"note": 3}, "text"),
        ({"measure": "gap"}, "either"),
    ],
)
def test_entries_are_checked(change: dict, what: str) -> None:
    entry = {k: v for k, v in {**GD, **change}.items() if v is not None}
    with pytest.raises(BadInput, match=what) as caught:
        claims(entry)
    assert str(caught.value).startswith("claim 1")


def test_a_missing_file(tmp_path) -> None:
    with pytest.raises(BadInput, match="cannot be read"):
        read(tmp_path / "none.toml")


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300), st.sampled_from([".toml", ".yaml", ".json"]))
def test_any_bytes_are_claims_or_a_refusal(data: bytes, suffix: str) -> None:
    with suppress(BadInput):
        claims(parsed(data, suffix))


VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=20)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)),
    max_leaves=6,
)
KEYS = ("name", "method", "assumptions", "noise", "set", "where", "claim", "measure", "bound", "complexity", "iterate",
        "over", "steps", "norm", "source", "note")  # fmt: skip


@settings(max_examples=250, deadline=None)
@given(st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=4))
def test_any_entry_is_a_claim_or_a_refusal(change: dict) -> None:
    with suppress(BadInput):
        claims({**GD, **change})


def test_memory_stays_small() -> None:
    """Reading costs a small multiple of the file, even where it is made to be expensive."""
    worst = [
        b"[" + b"[]," * 60_000 + b"[]]",
        b'{"claim": "' + b"(" * 190_000 + b'"}',
        b'{"method": "gd", "assumptions": "convex", "set": {"gamma": "' + b"9" * 500 + b'"}, "claim": "f(x_N)-f*<=R"}',
    ]
    for data in worst:
        tracemalloc.start()
        with pytest.raises(BadInput):
            claims(parsed(data, ".json"))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 50_000_000


def test_ties_do_not_explode() -> None:
    entry = {**GD, "method": "chambolle-pock", "assumptions": {"f": "convex", "g": "convex", "K": "linear"}}
    entry["set"] = {"tau": "+".join(["sigma"] * 90), "sigma": "+".join(["L"] * 90)}
    with suppress(BadInput):
        claims(entry)


def test_refusals_stay_short() -> None:
    """What a file says is quoted in part: a sentence, not a page."""
    for change in (
        {"noise": "z" * 590},
        {"iterate": "z" * 590},
        {"claim": "z" * 590},
        {"claim": None, "measure": "z" * 590},
    ):
        with pytest.raises(BadInput) as caught:
            claims({k: v for k, v in {**GD, **change}.items() if v is not None})
        assert len(str(caught.value)) < 700


@pytest.mark.parametrize("hidden", ["\x1b[2J", "\u202e", "\ud800", "\x00", "\u200b"])
def test_characters_that_cannot_be_seen_are_refused(hidden: str) -> None:
    for change in (
        {"name": f"a{hidden}b"},
        {"claim": f"f(x_N) - f* <= L{hidden} R^2/(2 N)"},
        {"where": [f"L{hidden} >= 1"]},
    ):
        with pytest.raises(BadInput, match="cannot be seen"):
            claims({**GD, **change})


def test_a_name_is_one_line() -> None:
    (one,) = claims({**GD, "name": "right\n✓ proved"})
    assert one.name == "right ✓ proved"
