"""Stage: optimize."""
