"""``certify report`` as a user runs it."""

import re

SOME = ["-m", "ppm", "--no-sdp", "--no-simulate"]


def test_a_site_is_made_and_replaced(certify, tmp_path):
    run = certify("report", *SOME, "-o", "site")
    assert (run.returncode, run.stderr) == (0, "")
    assert re.match(r"site: \d+ theorems, ", run.stdout)
    index = tmp_path / "site" / "index.html"
    assert "ppm/convex/gap" in index.read_text()
    (tmp_path / "site" / "old.html").write_text("old")
    assert certify("report", *SOME, "-o", "site", "--title", "My rates").returncode == 0
    assert "My rates" in index.read_text()
    assert not (tmp_path / "site" / "old.html").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["site"]
    run = certify("verify", "site/certificates/ppm-convex-gap.json")
    assert run.returncode == 0


def test_folders_of_others_are_not_touched(certify, tmp_path):
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "paper.tex").write_text("mine")
    for target, sentence in {
        "mine": "--output 'mine' holds other files; name a folder that is new or empty",
        "mine/paper.tex": "--output 'mine/paper.tex' is a file; name a folder",
        "no/where": "--output 'no/where' lies in a folder that does not exist",
    }.items():
        run = certify("report", *SOME, "-o", target)
        assert (run.returncode, run.stderr) == (2, f"Error: {sentence}\n")
    assert (folder / "paper.tex").read_text() == "mine"
