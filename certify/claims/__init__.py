"""Claims of other people about convergence rates, read from files that nobody vouches for, and what becomes of them.

`read` turns a file or a line into `Claim` values; `decide` says of one claim whether it is proved, refuted or open.
"""
