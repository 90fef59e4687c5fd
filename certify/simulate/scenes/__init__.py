"""Exact runs of methods with layers, memory, several functions or operators, on the line or in the plane.

A scene is everything that determines such a run: functions of the line (`line`) or linear operators of the plane
(`plane`), all numbers, the starts and the samples that are drawn. `judge` holds a theorem against it in exact
arithmetic, `drafts` makes scenes at random and simpler, `search` looks for one on which a theorem is false.
"""
