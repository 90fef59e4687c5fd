"""Orchestration: from a method's name and assumptions to a table of established results."""
