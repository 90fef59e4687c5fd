"""``certify rate METHOD``: the best linear rate that a Lyapunov function can prove, as an interval of exact numbers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from certify.cli import common, output
from certify.cli.errors import UserError

OPEN = 3


@click.command("rate")
@click.argument("method", metavar="METHOD")
@common.assumption
@common.rules("Numbers of all parameters.")
@click.option(
    "--measure", default="distance", show_default=True, metavar="NAME", help="What V bounds: V ≥ measure at each step."
)
@click.option("--below", default="1", show_default=True, metavar="NUMBER", help="The largest rate that is of interest.")
@click.option("--nonnegative", is_flag=True, help="Only V that are sums of squares and of nonnegative function values.")
@click.option("--format", "kind", type=click.Choice(["text", "json"]), help="Format of the report.")
@common.output
@click.option("--certificate", type=click.Path(path_type=Path), metavar="FILE", help="Save it for `certify verify`.")
@click.option("--proof", type=click.Path(path_type=Path), metavar="FILE", help="Write both proofs (.tex for LaTeX).")
def command(
    method: str,
    assumption: tuple[str, ...],
    rules: tuple[str, ...],
    measure: str,
    below: str,
    nonnegative: bool,
    kind: str | None,
    target: Path | None,
    certificate: Path | None,
    proof: Path | None,
) -> int:
    """Find V with V⁺ ≤ ρV and V ≥ measure for the smallest ρ.

    V is a quadratic form in everything that one step of METHOD sees plus function values. The upper end of the interval
    comes with such a V, proved by exact multipliers; the lower end with evidence that there is none.

    \b
    certify rate heavy-ball -a smooth-strongly-convex --set L=1,mu=1/4,gamma=16/9,beta=1/9

    Exit codes: 0 both ends are exact; 2 wrong use; 3 an end is open.
    """
    target = None if target == Path("-") else target
    for path, option in ((target, "--output"), (certificate, "--certificate"), (proof, "--proof")):
        if path and path != Path("-"):
            output.check(path, option)

    from certify.analysis import linear_rates
    from certify.analysis.errors import BadInput
    from certify.report import linear_rates as report

    separate = [rule for text in rules for rule in text.split(",")]
    try:
        found = linear_rates.find(method, assumption, separate, measure=measure, below=below, nonnegative=nonnegative)
    except BadInput as error:
        raise UserError(str(error)) from error
    kind = kind or ("json" if target and target.suffix.lower() == ".json" else "text")
    text = report.render_json(found) if kind == "json" else report.render(found)
    output.deliver(text, target)
    if certificate:
        _save(found.certificate(), certificate)
    if proof and found.rate.found:
        written = report.proofs(found, latex=proof.suffix.lower() == ".tex")
        output.show("\n" + written) if proof == Path("-") else output.save(written, proof, "--proof")
    return 0 if found.rate.found and found.rate.refused else OPEN


def _save(data: dict[str, Any] | None, path: Path) -> None:
    """Write a certificate, or say that there is none."""
    if data is None:
        click.echo(f"No rate was proved, so {str(path)!r} was not written.", err=True)
        return
    text = json.dumps(data, ensure_ascii=False, indent=1) + "\n"
    output.show("\n" + text) if path == Path("-") else output.save(text, path, "--certificate")
