"""The exact one-step cross-check of proved theorems: how much of a bound some function attains."""
