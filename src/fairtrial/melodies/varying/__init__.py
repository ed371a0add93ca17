"""Augmentations of bars, and the training sets that arms learn from."""
