"""The error of the command line: something that the user can put right."""

from __future__ import annotations


class UserError(Exception):
    """Shown as ``Error: …`` without a traceback, exit code 2; the message is one clear sentence."""
