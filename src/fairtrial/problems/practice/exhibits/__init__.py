"""Figures and tables of what practice asks; light, for the registry reads their names."""
