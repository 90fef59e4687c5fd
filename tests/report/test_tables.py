"""Rate tables: the same rows in every format, computed and never typed in."""

import csv
import io
import json
import re
import subprocess
from dataclasses import replace
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest

from certify.analysis import catalogue
from certify.analysis.results import Formula, Verdict
from certify.analysis.survey import survey
from certify.report.tables import COLUMNS, FORMATS, choose, render, rows
from certify.report.tables.bibliography import bibtex, cited, entries, references
from certify.report.tables.columns import DEFAULT, IN_TERMINAL, notes
from certify.report.tables.latex import _conditions, flattened, width

COMPLAINTS = re.compile(r"^!.*|.*(?:Overfull|Underfull|Warning).*", re.MULTILINE)


@pytest.fixture(scope="module")
def lines():
    """Rows with cases, floors, means, conditions at every step, and a relaxation."""
    return rows(survey(["ppm", "gd", "sgd-batch", "sgd-weighted"], jobs=2))


@pytest.fixture
def made(analysis):
    """Rows of every verdict, made by hand."""
    return rows([analysis])


def test_a_row_says_what_the_analysis_found(lines):
    by_id = {line.theorem.identifier: line for line in lines}
    gap = by_id["gd/smooth-convex/gap"]
    assert [name for name, _ in gap.assumptions] == ["smooth-convex"]
    assert gap.established
    assert gap.attained == "99.99%"
    cells = {column.name: [getattr(p, "text", p) for p in column.cell(gap)] for column in COLUMNS.values()}
    assert cells["rate"] == ["f(x_N) − f⋆ ≤ LR²/(2(1 + 2LNγ))"]
    assert cells["condition"] == ["0 < γ ≤ 1/L"]
    assert cells["source"] == ["Drori, Teboulle (2014), Theorem 3.1"]
    assert by_id["gd/pl/gap-pl"].attained is None  # only a relaxation was solved
    long = by_id["gd/pl/gap-pl-long"]
    assert long.theorem.step_size.text == "1/L ≤ γ ≤ √(3)/L"


def test_what_is_not_established_is_only_claimed(made):
    others = [line for line in made if line.theorem.verdict in (Verdict.OPEN, Verdict.REFUTED)]
    assert others
    for line in others:
        assert COLUMNS["rate"].cell(line)[0] == "claimed:"
        assert COLUMNS["verdict"].cell(line) == (line.theorem.verdict.value,)


@pytest.mark.parametrize("kind", FORMATS)
def test_every_row_is_in_every_format(kind, lines):
    text = render(lines, choose(DEFAULT), kind)
    assert text.endswith("\n")
    count = {
        "text": lambda: text.count("proved  ") + text.count("proved\n"),
        "latex": lambda: len(re.findall(r"^proved &$", text, re.MULTILINE)),
        "markdown": lambda: text.count("| proved |"),
        "html": lambda: text.count("<div>proved</div>"),
        "csv": lambda: sum(row["verdict"] == "proved" for row in csv.DictReader(io.StringIO(text))),
        "json": lambda: sum(row["verdict"] == "proved" for row in json.loads(text)["rows"]),
    }
    assert count[kind]() == len(lines)


def test_the_columns_asked_for_are_those_printed(lines):
    header = next(csv.reader(io.StringIO(render(lines, choose(["verdict", "method"]), "csv"))))
    assert header == ["id", "verdict", "method"]
    with pytest.raises(KeyError):
        choose(["colour"])


@pytest.mark.parametrize("width", [80, 100, 120, 160])
def test_a_text_table_is_no_wider_than_asked(width, lines):
    text = render(lines, choose(IN_TERMINAL), "text", width=width)
    assert max(map(len, text.splitlines())) <= width + 3  # combining signs count as none on a terminal


def test_json_has_no_certificate_but_all_that_is_shown(lines):
    data = json.loads(render(lines, choose(DEFAULT), "json"))
    assert data["schema"] == "certify/table/1"
    first = data["rows"][0]
    assert first["id"] == "ppm/convex/gap"
    assert "certificate" not in first
    assert first["cells"]["rate"][0]["latex"].startswith(r"f(x_N) - f^\star \le")


class _Tags(HTMLParser):
    """Open tags that are never closed, and addresses of anything outside the page."""

    def __init__(self):
        super().__init__()
        self.open, self.outside = [], []

    def handle_starttag(self, tag, attrs):
        if tag != "meta":
            self.open.append(tag)
        self.outside += [value for name, value in attrs if name in ("src", "href") and not value.startswith("#")]

    def handle_startendtag(self, tag, attrs):
        pass

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_the_page_is_whole_and_needs_nothing_else(lines):
    text = render(lines, choose(DEFAULT), "html")
    tags = _Tags()
    tags.feed(text)
    assert tags.open == []
    assert tags.outside == []
    assert "<script" not in text
    formulas = re.findall(r"<math .*?</math>", text)
    assert len(formulas) > 3 * len(lines)
    for formula in formulas:
        ElementTree.fromstring(formula)  # noqa: S314 - made here


def test_words_are_escaped(analysis):
    from dataclasses import replace

    theorem = replace(analysis.theorems[0], source="<b>Bold</b> & Co. (2020)", rate=None, bound=Formula("a<b", "a<b"))
    found = rows([replace(analysis, title="<i>", theorems=(theorem,))])
    page = render(found, choose(DEFAULT), "html")
    assert "&lt;b&gt;Bold&lt;/b&gt; &amp; Co." in page
    assert "a&lt;b" in page
    assert "<b>" not in page
    assert "<i>" not in page
    assert r"\<b\>Bold" in render(found, choose(DEFAULT), "markdown")


@pytest.mark.parametrize("options", [{}, {"landscape": True}, {"long": True}, {"long": True, "landscape": True}])
def test_documents_compile_without_a_complaint(options, lines, compiled):
    log = compiled(render(lines, choose(DEFAULT), "latex", standalone=True, **options), runs=3)
    assert COMPLAINTS.findall(log) == []


def test_a_fragment_cites_with_the_keys_of_its_bib_file(lines, compiled, tmp_path):
    head = r"\documentclass{article}\usepackage{amsmath,amssymb,array,booktabs,longtable}\begin{document}"
    tail = r"\bibliographystyle{plain}\bibliography{table}\end{document}"
    (tmp_path / "table.bib").write_text(bibtex(line.theorem.source for line in lines), encoding="utf-8")
    text = head + "\n" + render(lines, choose(DEFAULT), "latex") + tail
    compiled(text)
    done = subprocess.run(["bibtex", "document"], cwd=tmp_path, capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout
    assert b"Warning" not in done.stdout
    assert "undefined" not in compiled(text, runs=2)


def _sources():
    """Every source of the catalogue: of methods, theorems, rates and conjectures."""
    for name in catalogue.method_names():
        method = catalogue.load_method(name)
        yield method.source
        for each in [*method.theorems().values(), *method.rates().values(), *method.conjectures]:
            yield each.source


def test_every_year_of_a_source_belongs_to_one_reference():
    for source in {source for source in _sources() if source}:
        years = re.findall(r"\(((?:1[89]|20)\d\d)\)", source)
        keys = re.findall(r"\\cite(?:\[[^]]*\])?\{(\w+)\}", cited(source))
        assert [key[-4:] for key in keys] == years, source
        assert years or not re.search(r"\d{4}", source), source


def test_every_reference_is_cited():
    keys = {reference.key for reference in entries(source for source in _sources() if source)}
    assert {reference.key for reference in references()} == keys


def test_references_have_keys_of_their_own():
    found = [(reference.cited, reference.year) for reference in references()]
    assert len(set(found)) == len(found)
    for reference in references():
        assert re.fullmatch(r"[A-Za-z]+\d{4}", reference.key)
        assert all(author.count(", ") == 1 for author in reference.authors)
        assert reference.key.endswith(str(reference.year))


def test_an_entry_of_a_bib_file():
    found = {reference.key: reference.bibtex for reference in references()}
    assert found["BeckTeboulle2009"] == (
        "@article{BeckTeboulle2009,\n"
        "  author = {Beck, Amir and Teboulle, Marc},\n"
        "  title = {A fast iterative shrinkage-thresholding algorithm for linear inverse problems},\n"
        "  journal = {SIAM Journal on Imaging Sciences},\n"
        "  year = {2009},\n"
        "  volume = {2},\n"
        "  number = {1},\n"
        "  pages = {183--202},\n"
        "}"
    )
    assert "title = {Dissecting {Adam}: the sign" in found["BallesHennig2018"]
    assert "  eprint = {2006.06041},\n  archiveprefix = {arXiv}," in found["BarreTaylorBach2020"]


def test_sources_as_citations():
    assert cited("Beck, Teboulle (2009), Theorem 4.4") == r"\cite[Theorem 4.4]{BeckTeboulle2009}"
    assert cited("Drori, Taylor (2020); tight: Drori (2017), Theorem 3") == (
        r"\cite{DroriTaylor2020}; tight: \cite[Theorem 3]{Drori2017}"
    )
    assert cited("Davis, Yin (2017), Proposition 2.1, with Lieder (2018), Theorem 4.9") == (
        r"\cite[Proposition 2.1]{DavisYin2017}, with \cite[Theorem 4.9]{Lieder2018}"
    )
    assert cited("Amsel et al. (2025) for the iteration") == r"\cite{AmselEtAl2025} for the iteration"
    assert cited("Condat (2013), Vũ (2013)") == r"\cite{Condat2013}, \cite{Vu2013}"
    assert cited("folklore") == "folklore"
    assert cited("Nobody (1999)") == "Nobody (1999)"


@pytest.mark.parametrize(
    ("nested", "flat"),
    [
        (r"\frac{\ln{\left(\frac{a}{b} \right)}}{c}", r"\frac{\ln{(a/b )}}{c}"),
        (r"\frac{1}{\frac{\Delta_{0}}{\epsilon}}", r"\frac{1}{\Delta_{0}/\epsilon}"),
        (r"\frac{\frac{a + b}{c}}{d}", r"\frac{\frac{a + b}{c}}{d}"),
        (r"\frac{1}{2} + \frac{x}{y}", r"\frac{1}{2} + \frac{x}{y}"),
    ],
)
def test_short_fractions_in_fractions_get_a_slash(nested, flat):
    assert flattened(nested) == flat


def test_wide_products_break_between_brackets():
    from certify.report.tables.latex import _formula

    wide = r"(a + b) (c + d) \ln(e + f) \sqrt{g} \le (h + i) \rceil"
    assert (
        _formula(wide, 10)
        == r"$(a + b)\penalty900 (c + d)\penalty900 \ln(e + f)\penalty900 \sqrt{g} \le (h + i) \rceil$"
    )
    assert _formula(wide, 100) == f"${wide}$"


def test_formulas_that_cannot_be_converted_are_shown_as_text(monkeypatch):
    from certify.report import mathml

    assert mathml.math(Formula("a < b", "a < b")) == "a &lt; b"
    monkeypatch.setattr("latex2mathml.converter.convert", lambda _: 1 / 0)
    assert mathml.math(Formula("x ≤ 1", r"x \le 1 \strange")) == "x ≤ 1"


def test_short_conditions_stand_whole_and_long_ones_can_be_broken():
    short, long = r"0 < \gamma < \frac{2}{L}", " + ".join(f"a_{{{i}}}" for i in range(9)) + r" \ge 0"
    text = _conditions(rf"{short},\ {long}", 12)
    assert text.startswith(rf"\mbox{{${short}$}}, $a_{{0}}")
    assert width(short) < 12 < width(long)


def test_signs_are_explained_where_they_occur(analysis):
    def said(text):
        theorem = replace(analysis.theorems[0], bound=Formula(text, text))
        row = rows([replace(analysis, theorems=(theorem,))])[0]
        return " ".join(notes(choose(["rate"]), [row]))

    assert "dual of a norm" in said("min Σᵢ ‖∇ᵢf(x_k)‖* ≤ 2Δ₀/N")
    assert "number of coordinates" in said("a ≤ M²d√N")
    for plain in ("⟨d, v⟩ ≤ 1", "x_N is optimal and done", "f(x_N) − f⋆ ≤ LR²/(2N)"):
        assert "coordinates" not in said(plain)
        assert "layers" not in said(plain)


def test_works_of_the_archive_have_its_number_and_no_journal():
    for reference in references():
        assert (reference.kind == "misc") >= reference.venue.startswith("arXiv:"), reference.key
    assert r"$\ell_\infty$-norm" in next(r.bibtex for r in references() if r.key == "XieLi2024")


def test_headings_stand_over_their_columns_in_a_narrow_terminal(lines):
    """A heading that is wider than its column goes on below itself."""
    head, rule = [], ""
    short = [line for line in lines if line.method == "ppm"]
    for line in render(short, choose(IN_TERMINAL), "text", width=60).splitlines():
        if "─" in line:
            rule = line
            break
        head.append(line)
    ends = [found.start() for found in re.finditer(r"(?<=─) ", rule)]
    assert len(ends) == len(IN_TERMINAL) - 1
    assert all(line[end : end + 2].strip() == "" for line in head for end in ends)
