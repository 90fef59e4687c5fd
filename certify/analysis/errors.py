"""The one error of this room: bad input, told in one sentence that names the input, the cause and the fix."""

from __future__ import annotations


class BadInput(ValueError):
    """What the user asked for cannot be done; the message is one clear sentence."""
