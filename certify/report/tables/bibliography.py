"""Citations: the sources of theorems as keys, as a list of references and as BibTeX, from one file of references."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from certify.report import escape


@dataclass(frozen=True)
class Reference:
    """One work; `authors` as ``Family, Given``, in order; `venue` is what follows the title, with pages if known."""

    key: str
    cited: str
    authors: tuple[str, ...]
    title: str
    venue: str
    year: int
    kind: str = "article"

    @property
    def printed(self) -> str:
        """An entry of a list of references, in LaTeX."""
        names = [" ".join(reversed(author.split(", "))) for author in self.authors]
        who = names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]
        title = rf"\emph{{{_set(self.title)}}}"
        return f"{escape.text(who)}. {title}. {escape.text(self.venue)}, {self.year}."

    @property
    def bibtex(self) -> str:
        """An entry of a .bib file."""
        field = {"article": "journal", "inproceedings": "booktitle", "book": "publisher", "phdthesis": "school"}
        fields = {
            "author": escape.text(" and ".join(self.authors)),
            "title": _protected(_set(self.title)),
            field.get(self.kind, "howpublished"): escape.text(self.venue),
            "year": str(self.year),
        }
        if found := _IN_A_JOURNAL.fullmatch(self.venue):
            fields |= {
                name: escape.text(value).replace("–", "--") for name, value in found.groupdict().items() if value
            }
        elif found := _ON_ARXIV.fullmatch(self.venue):
            fields |= {"eprint": found[1], "archiveprefix": "arXiv"}
        lines = (f"  {name} = {{{value}}}," for name, value in fields.items())
        return "\n".join((f"@{self.kind}{{{self.key},", *lines, "}"))


_IN_A_JOURNAL = re.compile(r"(?P<journal>.+?) (?P<volume>\d+)(?:\((?P<number>[\w–]+)\))?, (?P<pages>A?\d+–A?\d+)")
_ON_ARXIV = re.compile(r"arXiv:([\d.]+)")


def _set(title: str) -> str:
    r"""A title in LaTeX; ``ℓ∞`` is one symbol."""
    return escape.text(title).replace(r"$\ell $$\infty $", r"$\ell_\infty$")


def _protected(title: str) -> str:
    """A title whose names keep their capitals in styles that write titles in small letters."""
    first, *rest = title.split(" ")
    return " ".join([_braced(first) if re.search(r"[A-Z]", first[1:]) else first, *map(_braced, rest)])


def _braced(word: str) -> str:
    name = word.rstrip(":,.!?")
    capital = re.search(r"[A-Z]", re.sub(r"\\[A-Za-z]+", "", name))
    return f"{{{name}}}{word[len(name) :]}" if capital else word


def cited(source: str) -> str:
    r"""A source in LaTeX: ``\cite[Theorem 4.4]{BeckTeboulle2009}`` for what is known, other words as they are."""
    return "; ".join(_part(part.strip()) for part in source.split(";") if part.strip())


def _part(part: str) -> str:
    """One clause; what stands between a citation and the next one, or the end, says where in the work."""
    found = list(_known().finditer(part))
    if not found:
        return escape.prose(part)
    out = [escape.prose(part[: found[0].start()])]
    for number, this in enumerate(found, 1):
        last = number == len(found)
        rest = part[this.end() : None if last else found[number].start()]
        place, comma, link = (rest, "", "") if last else rest.rpartition(", ")
        if not rest.startswith(", "):  # words that belong to the sentence, not a place
            place, comma, link = "", "", rest
        place = place.removeprefix(", ")
        locator = f"[{escape.text(place)}]" if place else ""
        key = _by_citation()[this[1], int(this[2])].key
        out += [rf"\cite{locator}{{{key}}}{comma.strip()}", escape.prose(link)]
    return " ".join(filter(None, out))


def entries(sources: Iterable[str]) -> list[Reference]:
    """The works that these sources cite, by key."""
    keys = {key for source in sources for key in re.findall(r"\\cite(?:\[[^]]*\])?\{(\w+)\}", cited(source))}
    return [reference for reference in references() if reference.key in keys]


def bibtex(sources: Iterable[str]) -> str:
    """A .bib file for these sources."""
    return "\n\n".join(reference.bibtex for reference in entries(sources)) + "\n"


@cache
def references() -> tuple[Reference, ...]:
    """All works of the file of references, sorted by key."""
    text = files("certify.report").joinpath("references.toml").read_text(encoding="utf-8")
    found = [
        Reference(key=key, authors=tuple(data.pop("authors")), **data) for key, data in tomllib.loads(text).items()
    ]
    return tuple(sorted(found, key=lambda reference: reference.key))


@cache
def _by_citation() -> dict[tuple[str, int], Reference]:
    return {(reference.cited, reference.year): reference for reference in references()}


@cache
def _known() -> re.Pattern[str]:
    """The citations of known works: group 1 is how the authors are named, group 2 the year."""
    works = sorted(_by_citation(), key=lambda work: -len(work[0]))
    names = "|".join(rf"{re.escape(who)}(?= \({year}\))" for who, year in works)
    return re.compile(rf"(?<![\w-])({names}) \((\d{{4}})\)")
