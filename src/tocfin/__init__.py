"""The money view of a production schedule."""

__version__ = "0.1.0"
