"""Alternatives of a plan and their uncertainty: read from TOML files, checked, applied to the base data set."""
