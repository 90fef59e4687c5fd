"""What can be wrong with what the user gives; one clear sentence each."""

from __future__ import annotations


class BadSetup(ValueError):
    """A model, optimiser, data set, loss or option that cannot be used as given; the message names cause and fix."""
