"""Kedro datasets, catalog and runner that lose nothing: staged, sealed, then renamed into place."""
