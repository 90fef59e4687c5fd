"""``certify verify FILE…``: check stored certificates again, with the kernel and against the declarations."""

from __future__ import annotations

import gzip
import json
import zlib
from pathlib import Path
from typing import Any

import click

from certify.cli.errors import shown

MAX_BYTES = 32_000_000


EXAMPLES = """\b
Examples:
  certify gd --format json -o gd.json && certify verify gd.json
  certify verify certificates/*.json
  certify verify -f my-gradient=my_gradient.py my-gradient.json
"""


@click.command("verify", epilog=EXAMPLES)
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--kernel-only", is_flag=True, help="Check the algebra alone; the hypotheses are taken as given.")
@click.option(
    "--file",
    "-f",
    "own",
    multiple=True,
    metavar="NAME=PATH.py",
    help="A method or assumption of your own; runs the file.",
)
def command(files: tuple[Path, ...], kernel_only: bool, own: tuple[str, ...]) -> None:
    """Check certificate FILES: of theorems, worst cases, rates, single ones, or what `certify METHOD` writes.

    FILES end in .json, or in .json.gz if they are compressed.
    """
    from certify.analysis.bundles import verify
    from certify.analysis.errors import BadInput
    from certify.kernel import Malformed, Rejected

    sources = dict(_pair(o) for o in own)
    failed = False
    for path in files:
        for data in _documents(path):
            try:
                result = _claim(data) if _is_claim(data) else verify(data, kernel_only=kernel_only, methods=sources)
            except (Rejected, Malformed) as error:
                failed = True
                click.echo(shown(f"✗ {path}: {_name(data)} rejected: {error}").replace("\n", " "))
                continue
            except BadInput as error:
                raise click.UsageError(f"{path}: {error}") from error
            click.echo(shown(f"✓ {path}: {result.identifier}").replace("\n", " "))
            for sentence in result.sentences:
                click.echo(shown(f"    {sentence}").replace("\n", " "))
            if not result.traced:
                click.echo("    the hypotheses were taken as given (--kernel-only): only the algebra was checked")
    if failed:
        raise SystemExit(1)


def _is_claim(data: Any) -> bool:
    return isinstance(data, dict) and str(data.get("schema")).startswith("certify/claim/")


def _claim(data: Any) -> Any:
    """The certificate of a claim is checked against the claim that it names, with the declarations."""
    from certify.analysis.bundles import Verified
    from certify.claims.verify import verify

    name, sentences = verify(data)
    return Verified(name, sentences, True)


def _documents(path: Path) -> list[Any]:
    """The certificates in a file: itself, or those of all theorems in an analysis."""
    try:
        text = _content(path)
        if len(text) > MAX_BYTES:
            raise click.UsageError(f"{path} is larger than {MAX_BYTES // 1_000_000} MB; certificates are not")
        data = json.loads(text.decode("utf-8"), object_pairs_hook=_unique)
    except (OSError, EOFError, zlib.error) as error:
        raise click.UsageError(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}") from error
    except (ValueError, RecursionError) as error:
        raise click.UsageError(f"{path} is not valid JSON: {error}") from error
    if isinstance(data, dict) and "theorems" in data and isinstance(data["theorems"], list):
        found = [t["certificate"] for t in data["theorems"] if isinstance(t, dict) and t.get("certificate")]
        if not found:
            raise click.UsageError(f"{path} contains no certificates")
        return found
    return [data]


def _content(path: Path) -> bytes:
    """At most one byte more than is read; files that end in .gz are unpacked."""
    if path.is_fifo() and path.parts[:2] != ("/", "dev"):
        raise click.UsageError(f"{path} is a pipe; name a file")
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
        return file.read(MAX_BYTES + 1)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    data = dict(pairs)
    if len(data) != len(pairs):
        raise ValueError("a key is given twice in one object")
    return data


def _pair(text: str) -> tuple[str, str]:
    name, equals, path = text.partition("=")
    if not equals:
        raise click.UsageError(f"--file {text!r} must read NAME=PATH.py")
    return name, path


def _name(data: Any) -> str:
    theorem = data.get("theorem") if isinstance(data, dict) else None
    return str(theorem.get("id", "certificate")) if isinstance(theorem, dict) else "certificate"
