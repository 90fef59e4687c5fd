"""The numerical one-step cross-check of proved theorems."""
