"""Classifiers trained on a block: modules, batches, updates, predictions, how they are computed."""
