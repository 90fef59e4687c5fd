"""The static site: complete, linked, readable without scripts or a network."""

import gzip
import json
import re
import shutil
import subprocess
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import PurePosixPath

import pytest

from certify.analysis.results import Formula
from certify.analysis.survey import survey
from certify.report.site import build
from certify.report.site.plots import ratio_plot
from certify.report.tables import rows

VOID = {"meta", "link", "br"}


class Page(HTMLParser):
    """What a checker wants to know of a page."""

    def __init__(self, text):
        super().__init__()
        self.stack, self.links, self.ids, self.headings, self.unnamed, self.lang = [], [], [], [], [], None
        self.scripts = 0
        self.feed(text)
        assert self.stack == []

    def handle_starttag(self, tag, attrs):
        known = dict(attrs)
        if tag not in VOID:
            self.stack.append(tag)
        if tag == "html":
            self.lang = known.get("lang")
        self.scripts += tag == "script"
        self.ids += [known["id"]] if "id" in known else []
        self.links += [known[name] for name in ("href", "src") if name in known]
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag == "svg" and not (known.get("role") == "img" and known.get("aria-label")):
            self.unnamed.append(tag)
        if tag == "math" and not known.get("alttext"):
            self.unnamed.append(tag)

    def handle_startendtag(self, tag, attrs):
        if tag in {"link", "meta"}:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag):
        assert self.stack.pop() == tag


@pytest.fixture(scope="module")
def site():
    return build(survey(["ppm", "gd", "sgd-batch"], jobs=2))


@pytest.fixture(scope="module")
def pages(site):
    return {name: Page(text) for name, text in site.files.items() if name.endswith(".html")}


def test_there_is_a_page_and_a_certificate_for_each_theorem(site):
    assert site.theorems >= 13
    for folder, ending in (("theorems", ".html"), ("certificates", (".json", ".json.gz"))):
        assert sum(name.startswith(folder) and name.endswith(ending) for name in site.files) == site.theorems
    for name, content in site.files.items():
        assert name.endswith(".gz") == isinstance(content, bytes)
        if isinstance(content, bytes):
            assert json.loads(gzip.decompress(content))["schema"] == "certify/theorem/1"
    certificate = json.loads(site.files["certificates/gd-smooth-convex-gap.json"])
    assert certificate["schema"] == "certify/theorem/1"
    page = site.files["theorems/gd-smooth-convex-gap.html"]
    for part in ("Drori, Teboulle (2014)", "<h2>Proof</h2>", "smooth-convex from x", "Tightness of one step"):
        assert part in page, part


def test_the_matrix_leads_to_every_theorem(site, pages):
    assert {link for link in pages["index.html"].links if link.startswith("theorems/")} == {
        name for name in site.files if name.startswith("theorems/")
    }


def test_every_link_leads_somewhere_inside_the_site(site, pages):
    for name, page in pages.items():
        assert page.lang == "en"
        assert page.scripts == 0
        assert len(set(page.ids)) == len(page.ids)
        for link in page.links:
            path, _, anchor = link.partition("#")
            if path.startswith("data:,"):
                continue
            assert ":" not in path, link
            parts: list[str] = []
            for part in (PurePosixPath(name).parent / path).parts if path else PurePosixPath(name).parts:
                parts = parts[:-1] if part == ".." else [*parts, part]
            target = "/".join(parts)
            assert target in site.files, (name, link)
            if anchor:
                assert anchor in pages[target].ids, (name, link)


def test_headings_are_in_order_and_pictures_have_words(pages):
    for name, page in pages.items():
        assert page.headings[0] == 1
        assert page.headings.count(1) == 1
        assert all(b <= a + 1 for a, b in zip(page.headings, page.headings[1:], strict=False)), name
        assert page.unnamed == [], name


def _contrast(first, second):
    def luminance(colour):
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    bright, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def test_colours_can_be_read_by_day_and_by_night(site):
    day, night = re.findall(r":root \{[^}]*?(--good[^}]*)\}", site.files["style.css"])
    for colours, page in ((day, "#ffffff"), (night, "#121212")):
        for name in ("good", "fair", "bad", "warn"):
            colour = re.search(rf"--{name}: (#\w{{6}});", colours)[1]
            assert _contrast(colour, page) >= 4.5, (name, page)


def test_words_from_a_declaration_are_no_markup(analysis):
    nasty = replace(
        analysis.theorems[0],
        statement=Formula("a < b <script>alert(1)</script>", "a < b <script>alert(1)</script>"),
        source="<img src=x onerror=alert(1)>",
        notes=("</p><script>",),
        bound=Formula("<b>", r"\strange <b>"),
        worst_case=None,
    )
    built = build([replace(analysis, title="<script>", theorems=(nasty,))], "<script>")
    for text in built.files.values():
        assert "<script" not in text
        assert "<img" not in text
        assert "<b>" not in text


def test_runs_are_drawn_step_by_step(analysis):
    data = {**analysis.theorems[0].trajectories, "by_step": [0.5, 1.0, None, 0.25]}
    row = rows([replace(analysis, theorems=(replace(analysis.theorems[0], trajectories=data),))])[0]
    plot = ratio_plot(row)
    assert "step 1: 50.00 %; step 2: 100.00 %; step 3: 25.00 %" in plot.svg
    assert plot.svg.count("<circle") == 3
    assert "4,096 runs" in plot.caption
    assert ratio_plot(rows([analysis])[0]) is None


def test_multipliers_that_are_sums_are_in_parentheses_and_lemmas_have_the_numbers_they_are_cited_by(analysis):
    """(L − μ) × […], not L − μ × […], which is another number."""
    first = analysis.theorems[0]
    step = first.proof[0]
    lemmas = (replace(step, role="lemma[0]", conditions=()), replace(step, role="lemma[1]", conditions=()))
    built = build([replace(analysis, theorems=(replace(first, proof=(*lemmas, step)),))])
    page = next(text for name, text in built.files.items() if name.startswith("theorems/"))
    assert re.search(r"\(<math [^>]*alttext=\"L − μ\".*?</math>\) × \[", page)
    assert not re.search(r"[^(]<math [^>]*alttext=\"L − μ\"", page)
    assert "<h3>lemma 1</h3>" in page
    assert "<h3>lemma 2</h3>" in page


def test_every_verdict_has_a_page(analysis):
    built = build([analysis])
    assert built.theorems == len(analysis.theorems)
    refuted = next(text for name, text in built.files.items() if "refuted" in name and name.endswith("html"))
    assert "On f(y) = y² with γ = 3 it fails." in refuted


def test_a_site_of_a_hundred_theorems_stays_small(site):
    size = sum(len(text) if isinstance(text, bytes) else len(text.encode()) for text in site.files.values())
    assert size / site.theorems * 200 < 5_000_000


@pytest.mark.skipif(shutil.which("chromium") is None, reason="chromium is not installed")
def test_a_browser_shows_it_without_a_complaint(site, tmp_path):
    for name, text in site.files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    for name in ("index.html", "theorems/gd-smooth-strongly-convex-distance.html"):
        command = [
            "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr", "--log-level=0",
            f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", f"file://{tmp_path / name}",
        ]  # fmt: skip
        done = subprocess.run(command, capture_output=True, timeout=120, check=False, text=True)
        assert done.returncode == 0, done.stderr[-500:]
        assert "CONSOLE" not in done.stderr
        assert "<math" in done.stdout
