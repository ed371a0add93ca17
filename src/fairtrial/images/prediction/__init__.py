"""Trained classifiers in use: exported, described, and applied to new pictures."""
