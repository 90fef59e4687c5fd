"""Worst-case problems as people write them."""
