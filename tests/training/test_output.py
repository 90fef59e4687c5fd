"""Reports in every format, the command line, configuration, exit codes, annotations."""

import json
import re
import xml.etree.ElementTree as ET
from html.parser import HTMLParser

import pytest
import torch
from small_models import classification, mlp
from torch import nn

from certify.cli.main import main
from certify.training.audit import audit_updates
from certify.training.data import to_json
from certify.training.github import annotations
from certify.training.html import html
from certify.training.junit import junit
from certify.training.text import audit_text, validation_text
from certify.training.validate import validate

CE = nn.functional.cross_entropy

SCRIPT = """
import torch
from torch import nn

def make(lr):
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 2))
    x = torch.randn(64, 4)
    data = [(x, (x[:, 0] > 0).long())]
    return model, torch.optim.SGD(model.parameters(), lr=lr), data, nn.CrossEntropyLoss()

def build(): return make(0.2)
def hot(): return dict(zip(("model", "optimizer", "data", "loss_fn"), make(300.0)))
def cold(): return make(1e-7)
def broken(): raise RuntimeError("no data here\\nsecond line")
def nothing(): return None
def bad_loss():
    model, optimizer, data, _ = make(0.1)
    return model, optimizer, data, lambda model, batch: batch["x"]
def missing():
    model, _, data, loss = make(0.1)
    return model, torch.optim.SGD(model[0].parameters(), lr=0.1), data, loss
word = 3
"""


@pytest.fixture(scope="module")
def good():
    model = mlp()
    return validate(model, torch.optim.AdamW(model.parameters(), lr=5e-3), classification(60), CE, steps=16, probes=8)


@pytest.fixture(scope="module")
def bad():
    model = mlp()
    return validate(model, torch.optim.SGD(model.parameters(), lr=50.0), classification(60), CE, steps=16, probes=8)


@pytest.fixture(scope="module")
def findings():
    model = mlp()
    return audit_updates(model, torch.optim.SGD(model[:2].parameters(), lr=0.1), classification(), CE)


def test_json_is_versioned_complete_and_strict(good, bad, findings):
    for report in (good, bad):
        data = json.loads(to_json(report), parse_constant=lambda word: pytest.fail(word))
        assert data["schema"] == "certify/validation/1"
        assert data["verdict"] == report.verdict.value
        assert len(data["layers"]) == len(report.rows)
        assert data["observed"].startswith("observed on steps 0..")
        assert data["layers"][0]["certificate"]
    data = json.loads(to_json(findings))
    assert data["schema"] == "certify/audit/1"
    assert data["findings"][0]["code"] == "missing-parameter"


def test_text_says_what_was_observed_and_what_to_change(good, bad, findings):
    assert "observed on steps 0..15" in validation_text(good)
    assert "change" in validation_text(bad)
    assert validation_text(bad).startswith("FAIL")
    assert "missing-parameter" in audit_text(findings)
    assert "audit: 1 finding" in audit_text(findings)


class Strict(HTMLParser):
    """Every tag that is opened is closed, in order."""

    VOID = frozenset({"meta", "polyline", "path", "br"})

    def __init__(self):
        super().__init__()
        self.open, self.attributes = [], []

    def handle_starttag(self, tag, attrs):
        self.attributes += attrs
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.attributes += attrs

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_html_is_well_formed_and_fetches_nothing(good, bad, findings):
    for report in (good, bad, findings):
        page = html(report)
        parser = Strict()
        parser.feed(page)
        assert parser.open == []
        assert not {name for name, _ in parser.attributes} & {"src", "href", "onload", "onclick"}
        assert "<script" not in page
        assert not re.search(r"url\(|https?://|@import", page)
    assert "<svg" in html(good)


def test_html_says_why_once_and_what_the_columns_mean(good):
    """A reason that all layers share with the run stands at the top only."""
    assert all(row.judgement.reason == good.judgement.reason for row in good.rows)
    page = html(good)
    assert page.count(good.judgement.reason.split(",")[0]) == 1
    assert "<th>why</th>" not in page
    assert "step = ‖ΔX‖ of the real update" in page


def test_html_and_junit_escape_names():
    model = nn.ModuleDict({"<b>&'\"": nn.Linear(4, 2)})
    data = [(torch.randn(8, 4), torch.zeros(8, dtype=torch.long))]
    report = validate(
        model,
        torch.optim.Adam(model.parameters()),
        data,
        lambda model, batch: CE(model["<b>&'\""](batch[0]), batch[1]),
        steps=8,
        probes=4,
    )
    assert "<b>&'" not in html(report)
    root = ET.fromstring(junit(report))  # noqa: S314 - our own file
    assert "<b>&'\".weight" in {case.get("name") for case in root.iter("testcase")}


def test_junit_counts(good, bad, findings):
    for report, failures in ((good, 0), (bad, 2), (findings, 1)):
        suite = ET.fromstring(junit(report)).find("testsuite")  # noqa: S314 - our own file
        cases = suite.findall("testcase")
        assert int(suite.get("tests")) == len(cases)
        assert int(suite.get("failures")) == len(suite.findall("testcase/failure")) == failures


def test_annotations_are_escaped_lines(good, bad, findings):
    assert annotations(bad, "a,b:train.py").startswith("::error file=a%2Cb%3Atrain.py,title=step sizes%3A FAIL::")
    assert annotations(findings, "train.py").startswith("::error file=train.py,title=missing-parameter::")
    assert annotations(bad, "t.py").count("\n") == 1


@pytest.fixture
def script(tmp_path, monkeypatch):
    (tmp_path / "train.py").write_text(SCRIPT, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["validate", "train.py:build"], 0),
        (["validate", "train.py"], 0),
        (["validate", "train.py:hot"], 1),
        (["validate", "train.py:cold", "--steps", "8", "--probes", "6"], 3),
        (["audit", "train.py:build"], 0),
        (["audit", "train.py:missing"], 1),
    ],
)
def test_exit_codes(script, capsys, arguments, code):
    assert main(arguments) == code
    assert "observed on steps 0.." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["validate"], "no script was named"),
        (["validate", "other.py:build"], "there is no Python file 'other.py'"),
        (["validate", "train.py:nope"], "defines no 'nope'"),
        (["validate", "train.py:word"], "'word' in train.py is int"),
        (["audit", "train.py:broken"], "train.py:broken failed at train.py, line 15: RuntimeError: no data here"),
        (["audit", "train.py:nothing"], "returned NoneType"),
        (["validate", "train.py:bad_loss"], "the loss by loss_fn(model, batch) failed at train.py, line 19: TypeError"),
        (["validate", "train.py:build", "--geometry", "round"], "geometry 'round' is unknown"),
        (["validate", "train.py:build", "--config", "none.toml"], "no configuration file"),
        (["audit", "train.py:build", "-o", "no/where.json"], "folder that does not exist"),
    ],
)
def test_errors_are_one_sentence_and_exit_code_2(script, capsys, arguments, message):
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert message in err
    assert err.startswith("Error: ")
    assert err.count("\n") == 1


def test_a_script_with_a_syntax_error_is_named(script, capsys):
    (script / "train.py").write_text("def build(:\n", encoding="utf-8")
    assert main(["audit", "train.py:build"]) == 2
    assert "SyntaxError" in capsys.readouterr().err


def test_files_by_their_ending(script, capsys):
    files = ["r.json", "r.html", "r.xml", "r.txt"]
    assert main(["audit", "train.py:build", *[word for name in files for word in ("-o", name)]]) == 0
    assert json.loads((script / "r.json").read_text())["passed"]
    assert (script / "r.html").read_text().startswith("<!doctype html>")
    assert (script / "r.xml").read_text().startswith("<?xml")
    assert (script / "r.txt").read_text().startswith("audit:")


def test_configuration_and_its_errors(script, capsys):
    (script / "pyproject.toml").write_text('[tool.certify]\ntarget = "train.py:cold"\nsteps = 9\nprobes = 6\n')
    assert main(["validate", "--format", "json"]) == 3
    assert json.loads(capsys.readouterr().out)["steps"]["last"] == 26
    (script / "own.toml").write_text("steps = 'many'\n")
    assert main(["validate", "train.py", "--config", "own.toml"]) == 2
    assert "steps is 'many', but must be int" in capsys.readouterr().err
    (script / "own.toml").write_text("stepz = 3\n")
    assert main(["validate", "train.py", "--config", "own.toml"]) == 2
    assert "no option 'stepz'" in capsys.readouterr().err


def test_annotations_appear_on_github_only(script, capsys, monkeypatch):
    assert main(["audit", "train.py:missing"]) == 1
    assert "::error" not in capsys.readouterr().out
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    assert main(["audit", "train.py:missing"]) == 1
    assert "::error file=train.py" in capsys.readouterr().out
