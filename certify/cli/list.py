"""``certify list``: which method has which theorems under which assumptions."""

from __future__ import annotations

import json
from textwrap import fill
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from certify.analysis.matrix import ConjectureRow, RateRow, Row


@click.command("list")
@click.option("--format", "kind", type=click.Choice(["text", "json"]), default="text", help="Output format.")
@click.option("--rates", is_flag=True, help="The rates of the literature instead of the theorems.")
def command(kind: str, rates: bool) -> None:
    """Show all methods, their theorems and the assumptions each theorem is claimed under.

    Theorems hold under every stronger assumption as well. Nothing is proved here: `certify METHOD` proves, and `certify
    worst-case METHOD` compares with rates. A `?` marks theorems that are only asked under an assumption. Conjectures
    are open, or have a counterexample that `certify METHOD` replays.
    """
    from certify.analysis import matrix

    if rates:
        _rates(matrix.rates(), kind)
    else:
        _theorems(matrix.matrix(), matrix.conjectures(), kind)


def _theorems(rows: list[Row], conjectures: list[ConjectureRow], kind: str) -> None:
    if kind == "json":
        click.echo(json.dumps([row.to_json() for row in (*rows, *conjectures)], indent=2, ensure_ascii=False))
        return
    width = max(len(r.theorem) for r in rows)
    titles = {r.method: r.title for r in (*rows, *conjectures)}
    for name in sorted(titles):
        click.echo(f"\n{name}: {titles[name]}")
        own = [r for r in rows if r.method == name]
        wide = max((len(r.measure) for r in own), default=0)
        for row in own:
            marks = ", ".join([" and ".join(row.assumptions), *(f"{a} ?" for a in row.asked)])
            click.echo(f"  {row.theorem:<{width}}  {row.measure:<{max(wide, 11)}}  {marks}")
        for each in (c for c in conjectures if c.method == name):
            label = "conjecture with a counterexample" if each.counterexample else "open conjecture"
            words = f"{label}: {each.statement}"
            click.echo(f"  {each.conjecture:<{width}}  {words}")
    from certify.cli import names

    if others := [name for name in names.methods() if name not in titles]:
        only = f"With rates only (--rates): {', '.join(others)}."
        click.echo("\n" + fill(only, 100, break_on_hyphens=False, subsequent_indent="  "))
    click.echo("\nProve them with `certify METHOD --assumption NAME`; `?`: not claimed, but the engine is asked.")


def _rates(rows: list[RateRow], kind: str) -> None:
    if kind == "json":
        click.echo(json.dumps([row.to_json() for row in rows], indent=2, ensure_ascii=False))
        return
    current = ""
    for row in rows:
        if row.method != current:
            current = row.method
            click.echo(f"\n{row.method}: {row.title}")
        given = "; ".join(f"{role} {', '.join(names)}" for role, names in row.assumptions.items())
        click.echo(f"  {row.rate}: {row.statement}")
        click.echo(f"    {given}; {row.measure} from {row.initial}; {row.source}{', tight' * row.tight}")
    click.echo("\nCompare them with exact worst cases by `certify worst-case METHOD …`.")
