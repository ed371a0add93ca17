"""Headings of a page under which exhibits stand."""

# What a reader came for, where a study answers more than which arm is best: above the comparison.
OPENING = "The answer"
