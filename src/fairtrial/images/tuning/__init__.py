"""Tuners compared: each looks for the best recipe of one search, on validation pictures alone."""
