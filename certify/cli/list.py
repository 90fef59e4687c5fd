"""``certify list``: which method has which theorems under which assumptions."""

from __future__ import annotations

import json

import click


@click.command("list")
@click.option("--format", "kind", type=click.Choice(["text", "json"]), default="text", help="Output format.")
def command(kind: str) -> None:
    """Show all methods, their theorems and the assumptions each theorem is claimed under.

    Nothing is proved here: `certify METHOD` proves. A `?` marks theorems that are only asked under an assumption.
    """
    from certify.analysis.matrix import matrix

    rows = matrix()
    if kind == "json":
        click.echo(json.dumps([row.to_json() for row in rows], indent=2, ensure_ascii=False))
        return
    width = max(len(r.theorem) for r in rows)
    current = ""
    for row in rows:
        if row.method != current:
            current = row.method
            click.echo(f"\n{row.method}: {row.title}")
        marks = ", ".join([*row.claimed, *(f"{a} ?" for a in row.asked)])
        click.echo(f"  {row.theorem:<{width}}  {row.measure:<11}  {marks}")
    click.echo("\nProve them with `certify METHOD --assumption NAME`; `?`: not claimed, but the engine is asked.")
