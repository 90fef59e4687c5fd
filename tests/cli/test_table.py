"""``certify table`` as a user runs it."""

import csv
import io
import json


def test_a_table_for_a_program(certify):
    run = certify("table", "-m", "ppm", "--no-sdp", "--format", "csv")
    assert (run.returncode, run.stderr) == (0, "")
    found = list(csv.DictReader(io.StringIO(run.stdout)))
    assert {"ppm/convex/gap", "ppm/strongly-convex/distance"} <= {row["id"] for row in found}
    assert found[0]["rate"] == "f(x_N) − f⋆ ≤ R²/(4Nγ)"


def test_a_paper_gets_its_bib_file(certify, tmp_path):
    run = certify("table", "-m", "ppm", "--no-sdp", "-o", "rates.tex")
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")
    tex = (tmp_path / "rates.tex").read_text()
    assert r"\label{tab:certify-ppm}" in tex
    assert r"\cite[Theorem 4.1]{TaylorHendrickxGlineur2017}" in tex
    assert "@article{TaylorHendrickxGlineur2017," in (tmp_path / "rates.bib").read_text()


def test_the_ending_says_the_format(certify, tmp_path):
    assert certify("table", "-m", "ppm", "--no-sdp", "-o", "rates.json").returncode == 0
    assert json.loads((tmp_path / "rates.json").read_text())["columns"][0] == "assumptions"
    assert not (tmp_path / "rates.bib").exists()


def test_wrong_use_is_one_sentence_and_writes_nothing(certify, tmp_path):
    for arguments, sentence in {
        ("-m", "gdd"): "there is no method 'gdd'; did you mean 'gd'?",
        ("-a", "convexx"): "there is no assumption 'convexx'; did you mean 'convex'?",
        ("--columns", "rate,rat"): "there is no column 'rat'; did you mean 'rate'?",
        ("--columns", "rate,rate"): "--columns 'rate,rate' names a column twice",
        ("--landscape",): "--standalone, --landscape and --long are about LaTeX and need --format latex",
        ("-m", "gd", "-a", "lipschitz-convex"): "no theorem of these methods applies under these assumptions; "
        "`certify list` shows those there are",
    }.items():
        run = certify("table", *arguments, "-o", "rates.csv")
        assert run.returncode == 2, arguments
        assert run.stderr == f"Error: {sentence}\n"
    assert list(tmp_path.iterdir()) == []
