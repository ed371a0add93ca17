"""Optimisers compared by the songs that they find."""
