"""``certify check``: claims from a file or from the command line, proved, refuted or left open."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

import click

from certify.cli import output
from certify.cli.errors import UserError
from certify.cli.progress import status

FILES = (".toml", ".yaml", ".yml", ".json")
WIDEST = 120


@click.command("check")
@click.argument("what", metavar="FILE|CLAIM")
@click.option("-m", "--method", metavar="NAME", help="For a claim in one line: the method.")
@click.option(
    "-a", "--assumption", multiple=True, metavar="NAME", help="What is assumed; f=NAME for one of several functions."
)
@click.option(
    "--noise", metavar="KIND", help="second-moment, variance, gradient-error, sampled-smooth-convex or interpolation."
)
@click.option("--set", "rules", multiple=True, metavar="NAME=FORMULA", help="Parameters tied to formulas: gamma=1/L.")
@click.option("--where", multiple=True, metavar="CONDITION", help="Ranges of parameters: '0 < gamma <= 1/L'.")
@click.option("--iterate", metavar="KIND", help="last, best, average, values or weighted.")
@click.option("--over", metavar="RANGE", help="For these: 0..N, 0..N-1 or 1..N.")
@click.option("--steps", metavar="N", help="One number of steps, or a condition such as 'N >= 1'.")
@click.option("--norm", metavar="NAME", help="Another norm: any, linf, …")
@click.option("--seconds", type=click.FloatRange(1, 3600), default=30.0, show_default=True, help="Time for each claim.")
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of the searches.")
@click.option(
    "--certificates", type=click.Path(path_type=Path), metavar="DIR", help="Write certificates for `certify verify`."
)
@click.option(
    "--format",
    "kind",
    type=click.Choice(["text", "json"]),
    help="Format of the report.  [default: by the ending of FILE, else text]",
)
@click.option(
    "-o", "--output", "target", type=click.Path(path_type=Path), metavar="FILE", help="Write the report here."
)
@click.option("-v", "--verbose", is_flag=True, help="Also say what was tried for claims that were decided.")
def command(what: str, **options: Any) -> int:
    """Check claims about convergence rates: those of a FILE (TOML, YAML, JSON), or one CLAIM.

    \b
    certify check claims.toml
    certify check -m gd -a smooth-convex --set gamma=1/L 'f(x_N) - f* <= L R^2/(4 N + 2)'
    certify check -m sgd -a pl --noise variance --where 'gamma <= 1/(2 mu)' \\
        'E[f(x_N) - f*] <= (1 - 2 gamma mu)^N (f(x_0) - f*) + L gamma sigma^2/(4 mu)'

    Files are data: nothing in them is run. Each claim is decided in a process of its own.

    Exit codes: 0 all proved; 1 some refuted or vacuous; 2 wrong use, or a file or claim that cannot be read (the
    others are decided); 3 some open, none refuted.
    """
    return run(what, **options)


def run(
    what: str,
    *,
    seconds: float,
    seed: int,
    certificates: Path | None,
    kind: str | None,
    target: Path | None,
    verbose: bool,
    **line: Any,
) -> int:
    """Read everything, decide, and only then write."""
    if target == Path("-"):
        target = None
    if target:
        output.check(target)
    if certificates and not certificates.is_dir():
        raise UserError(f"--certificates {str(certificates)!r} is not a folder that exists")
    from certify.analysis.errors import BadInput
    from certify.claims import files, reading
    from certify.claims.render import exit_code, render, render_json
    from certify.claims.worker import decisions

    wrong: list[str] = []
    try:
        if Path(what).suffix.lower() in FILES or line["method"] is None:
            if given := [n for n, v in line.items() if v]:
                raise UserError(f"--{given[0]} is for a claim in one line, not for a file")
            if not Path(what).is_file():
                raise UserError(f"there is no file {what[:80]!r}; a claim in one line needs --method and --assumption")
            claims, wrong = files.read(Path(what))
        else:
            claims = {1: reading.claim(entry(what, **line))}
    except BadInput as error:
        raise UserError(str(error)) from error
    with status() as progress:
        found = list(decisions(list(claims.values()), seconds=seconds, seed=seed, progress=progress))
    if certificates:
        for i, decision in zip(claims, found, strict=True):
            if decision.certificate is not None:
                text = json.dumps(decision.certificate, ensure_ascii=False, indent=1) + "\n"
                output.save(text, certificates / f"claim-{i}.json", "--certificates")
    kind = kind or ("json" if target and target.suffix.lower() == ".json" else "text")
    width = min(shutil.get_terminal_size().columns, WIDEST) if sys.stdout.isatty() and not os.environ.get("CI") else 100
    text = render_json(found, wrong) if kind == "json" else render(found, width=width, verbose=verbose)
    output.deliver(text, target)
    if wrong:
        raise UserError("\n".join(wrong))
    return exit_code(found)


def entry(what: str, **line: Any) -> dict[str, Any]:
    """The entry that a file would have for a claim in one line."""
    ties: dict[str, str] = {}
    for rule in (r for text in line["rules"] for r in text.split(",")):
        name, equals, formula = (part.strip() for part in rule.partition("="))
        if not (name and equals and formula):
            raise UserError(f"--set {rule!r} must read NAME=FORMULA, such as gamma=1/L")
        ties[name] = formula
    roles = [a.partition("=") for a in line["assumption"]]
    assumptions: Any = [name for name, _, _ in roles]
    if any(equals for _, equals, _ in roles):
        assumptions = {role: [n for r, _, n in roles if r == role] for role, _, _ in roles}
    found: dict[str, Any] = {"method": line["method"], "assumptions": assumptions, "claim": what}
    found |= {"set": ties} if ties else {}
    found |= {"where": list(line["where"])} if line["where"] else {}
    steps = line["steps"]
    found |= {"steps": int(steps) if steps.isdigit() else steps} if steps else {}
    return found | {k: line[k] for k in ("noise", "iterate", "over", "norm") if line[k]}
