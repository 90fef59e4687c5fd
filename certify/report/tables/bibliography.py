"""Citations: the sources of theorems as keys, as a list of references and as BibTeX, from one file of references."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from certify.report import escape

_CITATION = re.compile(r"(?P<who>[^;()]+?) \((?P<year>\d{4})\)(?P<place>, [^;]*)?")
"""``Beck, Teboulle (2009), Theorem 4.4``: the authors, the year, and where in it."""
_INITIALS = re.compile(r"^(.*), (.*)$")


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
        title = rf"\emph{{{escape.text(self.title)}}}"
        return f"{escape.text(who)}. {title}. {escape.text(self.venue)}, {self.year}."

    @property
    def bibtex(self) -> str:
        """An entry of a .bib file."""
        field = {"article": "journal", "inproceedings": "booktitle", "book": "publisher", "phdthesis": "school"}
        fields = {
            "author": " and ".join(self.authors),
            "title": self.title,
            field.get(self.kind, "howpublished"): self.venue,
            "year": str(self.year),
        }
        lines = (f"  {name} = {{{escape.text(value)}}}," for name, value in fields.items())
        return "\n".join((f"@{self.kind}{{{self.key},", *lines, "}"))


def cited(source: str) -> str:
    r"""A source in LaTeX: ``\cite[Theorem 4.4]{BeckTeboulle2009}`` for what is known, other words as they are."""
    out = []
    for part in filter(None, (each.strip() for each in source.split(";"))):
        found = _CITATION.search(part)
        reference = found and _by_citation().get((found["who"].split(": ")[-1].strip(), int(found["year"])))
        if not found or not reference:
            out.append(escape.prose(part))
            continue
        place = found["place"][2:] if found["place"] else ""
        before = part[: found.start()] + found["who"][: -len(reference.cited)] if ": " in found["who"] else ""
        cite = rf"\cite{f'[{escape.text(place)}]' if place else ''}{{{reference.key}}}"
        out.append(f"{escape.text(before.strip())} {cite}".strip())
    return "; ".join(out)


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
