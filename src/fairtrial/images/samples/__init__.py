"""Embedded sample sets of pictures, drawn by our own code."""
