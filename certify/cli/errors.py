"""The error of the command line: something that the user can put right; and what may be shown of strangers' texts."""

from __future__ import annotations

import unicodedata


class UserError(Exception):
    """Shown as ``Error: …`` without a traceback, exit code 2; the message is one clear sentence."""


def shown(text: object) -> str:
    """A text without characters that move a terminal's cursor, colour it or turn the direction of writing."""
    return "".join(
        c if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cf", "Cs") else "\ufffd" for c in str(text)
    )
