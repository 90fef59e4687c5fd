"""Checks on a real training set-up before training: the size of its updates, and its step sizes."""
