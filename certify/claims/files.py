"""Files of claims, from anyone: TOML, YAML or JSON with limits on bytes and depth; nothing in them is executed."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

from certify.analysis.errors import BadInput
from certify.claims.claim import Claim
from certify.claims.reading import claim

MAX_BYTES = 200_000
MAX_DEPTH = 6
MAX_CLAIMS = 200
MAX_VALUES = 20_000
MAX_DOTS = 200
"""A key a.b.c… in TOML takes time that grows with the square of its length."""


def read(path: Path) -> tuple[dict[int, Claim], list[str]]:
    """The claims of a file by their numbers, and what is wrong with those that cannot be read.

    **Raises:** `BadInput` if none can be read, or the file cannot.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise BadInput(f"{path} has more than {MAX_BYTES // 1000} kB; split it")
        data = path.read_bytes()
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}") from error
    try:
        entries = listed(parsed(data, path.suffix.lower()))
    except BadInput as error:
        raise BadInput(f"{path}: {error}") from error
    found: dict[int, Claim] = {}
    wrong: list[str] = []
    for i, entry in enumerate(entries, 1):
        try:
            found[i] = claim(entry, i)
        except BadInput as error:
            wrong.append(f"{path}: {error}")
    if not found:
        raise BadInput(wrong[0])
    return found, wrong


def parsed(data: bytes, suffix: str) -> object:
    """The plain data in the bytes of a file; raises `BadInput`."""
    readers = {".toml": _toml, ".json": _json, ".yaml": _yaml, ".yml": _yaml}
    if suffix not in readers:
        raise BadInput(f"a file of claims ends in {', '.join(readers)}, not in {suffix or 'nothing'}")
    if len(data) > MAX_BYTES:
        raise BadInput(f"more than {MAX_BYTES // 1000} kB")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadInput(f"not UTF-8 text (byte {error.start})") from error
    try:
        found = readers[suffix](text)
    except BadInput:
        raise
    except (ValueError, RecursionError) as error:
        said = " ".join(str(error).split())[:200] or type(error).__name__
        raise BadInput(f"not valid {suffix[1:].upper()}: {said}") from error
    _shallow(found)
    return found


def claims(data: object) -> list[Claim]:
    """The claims in plain data; raises `BadInput` if one of them cannot be read."""
    return [claim(entry, i) for i, entry in enumerate(listed(data), 1)]


def listed(data: object) -> list[Any]:
    """The entries of plain data: a list under the key ``claim``, a list, or one claim. Raises `BadInput`."""
    if isinstance(data, dict) and isinstance(data.get("claim"), list):
        others = [k for k in data if k not in ("claim", "title", "source", "note")]
        if others:
            raise BadInput(f"unknown key {str(others[0])[:40]!r} beside the list of claims")
        entries = data["claim"]
    else:
        entries = data if isinstance(data, list) else [data]
    if not 1 <= len(entries) <= MAX_CLAIMS:
        raise BadInput(f"a file has 1 to {MAX_CLAIMS} claims, not {len(entries)}")
    return entries


def _toml(text: str) -> object:
    if any(line.count(".") > MAX_DOTS for line in text.splitlines()):
        raise BadInput(f"a line with more than {MAX_DOTS} dots is not read")
    return tomllib.loads(text)


def _json(text: str) -> object:
    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            raise ValueError("a key is given twice")
        return found

    def refuse(word: str) -> None:
        raise ValueError(f"{word} is no number")

    return json.loads(text, object_pairs_hook=unique, parse_constant=refuse)


def _yaml(text: str) -> object:
    """Plain YAML: no tags, no anchors, no aliases; keys are unique."""
    try:
        import yaml
    except ImportError as error:
        raise BadInput("reading YAML needs the package pyyaml; write TOML or JSON instead") from error
    depth = events = 0
    try:
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            events += 1
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
                raise BadInput("YAML anchors and aliases are not read; write the value out")
            if getattr(event, "tag", None):
                raise BadInput("YAML tags are not read")
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > MAX_DEPTH or events > MAX_VALUES:
                raise BadInput("YAML that is this deep or long is not read")
        return _plain(yaml.compose(text, Loader=yaml.SafeLoader), yaml)
    except yaml.YAMLError as error:
        raise ValueError(error) from error


def _plain(node: Any, yaml: Any) -> object:
    """Texts, whole numbers, lists and tables; every other scalar stays the text that was written."""
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item, yaml) for item in node.value]
    if isinstance(node, yaml.MappingNode):
        found: dict[str, object] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode) or key.value in found:
                raise ValueError("keys must be texts, each given once")
            found[key.value] = _plain(value, yaml)
        return found
    if node is None:
        return {}
    whole = node.style is None and node.value.isascii() and node.value.isdigit() and len(node.value) < 16
    return int(node.value) if whole else node.value


def _shallow(data: object) -> None:
    level, size = [data], 0
    for _ in range(MAX_DEPTH + 1):
        size += len(level)
        level = [v for d in level for v in (d.values() if isinstance(d, dict) else d if isinstance(d, list) else ())]
        if not level:
            break
    if level or size > MAX_VALUES:
        raise BadInput(f"tables and lists may be {MAX_DEPTH} levels deep and hold {MAX_VALUES} values")
