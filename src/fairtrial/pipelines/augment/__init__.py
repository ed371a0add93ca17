"""Stage: augment."""
