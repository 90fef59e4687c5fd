"""Cross-checks that share nothing with a proof: the same declaration runs on concrete functions.

`trajectories` runs it on thousands of random functions in floating point and compares every step
with the theorem; `refute` looks for a counterexample on the line in exact arithmetic.
"""
