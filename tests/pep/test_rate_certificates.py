"""Certificate files of linear rates: what is true passes, whatever is changed does not."""

import json
from copy import deepcopy
from fractions import Fraction as Q

import pytest

from certify.analysis.bundles import verify
from certify.analysis.linear_rates import find
from certify.kernel import Malformed, Rejected

RULES = {
    "gd": ["L=1", "mu=1/10", "gamma=3/2"],
    "heavy-ball": ["L=1", "mu=1/4", "gamma=16/9", "beta=1/9"],
}
TINY = Q(1, 10**30)


def written(method, **options):
    found = find(
        method, ["smooth-strongly-convex"], RULES[method],
        **{"measure": "distance", "below": "1", "nonnegative": False} | options,
    )  # fmt: skip
    return json.loads(json.dumps(found.certificate()))


@pytest.fixture(scope="module", params=RULES)
def saved(request):
    return written(request.param)


def test_files_are_verified_against_the_declaration(saved):
    found = verify(saved)
    assert found.traced
    assert found.sentences[0] == f"V⁺ ≤ ρV in every step and V ≥ ‖x − x⋆‖², for ρ = {saved['rate']}"
    assert found.sentences[-1] == f"no V of this family has ρ = {saved['refused']['rate']}"
    kernel_only = verify(saved, kernel_only=True)
    assert not kernel_only.traced
    assert "not looked at" in kernel_only.sentences[-1]


def test_nonnegative_families():
    saved = written("gd", measure="gap", nonnegative=True)
    assert saved["claim"]["nonnegative"]
    verify(saved)
    wrong = deepcopy(saved)
    wrong["lyapunov"][next(name for name in saved["lyapunov"] if not name.startswith("2"))] = "-1"
    with pytest.raises(Rejected, match="not nonnegative"):
        verify(wrong)


def places(data, path=()):
    """Where the numbers of a file are."""
    for key, value in data.items() if isinstance(data, dict) else enumerate(data):
        if isinstance(value, dict | list):
            yield from places(value, (*path, key))
        elif isinstance(value, str) and value.lstrip("-").replace("/", "").isdigit():
            yield *path, key


def changed(data, path, change):
    data = deepcopy(data)
    inside = data
    for key in path[:-1]:
        inside = inside[key]
    inside[path[-1]] = str(Q(inside[path[-1]]) + change)
    return data


def test_no_number_of_a_proof_can_be_changed(saved):
    """Numbers of the claim, of V, of problems and of multipliers, each by a little in both directions.

    A multiplier of a relation with room to spare may be changed in one of them; a point inside, too.
    """
    for path in places(saved):
        refused = 0
        for change in (TINY, -TINY):
            try:
                verify(changed(saved, path, change))
            except Rejected:
                refused += 1
        inside = path[0] == "refused" or path[-2:-1] == ("multipliers",)
        assert refused == 2 or inside, path


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"rate": "1/100"}, "measure is not"),
        ({"rate": "-1"}, "negative"),
        ({"lyapunov": {"nothing": "1"}}, "none of the declaration's"),
        ({"lyapunov": {}}, "measure is not"),
    ],
)
def test_another_claim_is_refused(saved, change, message):
    with pytest.raises(Rejected, match=message):
        verify({**saved, **change})


def test_another_method_measure_or_parameter_is_refused(saved):
    for key, value in (("measure", "gap"), ("method", "nag"), ("values", {**saved["claim"]["values"], "L": "2"})):
        with pytest.raises(Rejected):
            verify({**saved, "claim": {**saved["claim"], key: value}})


def test_bounds_above_zero_prove_no_rate(saved):
    """V⁺ − ρV ≤ 1 is true, and not what the file claims."""
    for key in ("descent", "bounded_below"):
        wrong = deepcopy(saved)
        wrong[key]["upper"]["bound"] = "1"
        for only in (False, True):
            with pytest.raises(Rejected, match="above 0"):
                verify(wrong, kernel_only=only)


def test_a_point_that_shows_nothing_rules_nothing_out(saved):
    wrong = deepcopy(saved)
    wrong["refused"]["attained"]["gram"] = {}
    wrong["refused"]["attained"]["values"] = dict.fromkeys(saved["refused"]["attained"]["values"], "0")
    wrong["refused"]["attained"]["value"] = "0"
    with pytest.raises(Rejected, match="shows nothing"):
        verify(wrong)
    wrong = deepcopy(saved)
    wrong["refused"]["rate"] = saved["rate"]
    with pytest.raises(Rejected, match="ruled out"):
        verify(wrong)


@pytest.mark.parametrize(
    "change",
    [
        {"more": 1}, {"rate": 0.5}, {"rate": "0.5"}, {"lyapunov": []}, {"descent": {}}, {"refused": {}},
        {"claim": {}}, {"schema": "certify/rate/2"},
    ],
)  # fmt: skip
def test_other_shapes_are_malformed(saved, change):
    with pytest.raises(Malformed):
        verify({**saved, **change}, kernel_only=True)
    with pytest.raises(Malformed):
        verify({key: value for key, value in saved.items() if key != "claim"}, kernel_only=True)
