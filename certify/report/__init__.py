"""Reports: the values of an analysis as text for a terminal, JSON, Markdown and LaTeX.

Each format is a module with one verb, `render`; nothing here computes or judges, and nothing heavy is
imported before it is used.
"""
