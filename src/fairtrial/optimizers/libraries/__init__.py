"""Adapters to the searches and solvers of libraries."""
