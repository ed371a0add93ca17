"""Optimisers over a plain callable: they know points and budgets, never tanks, mixes or songs."""
