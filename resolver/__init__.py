"""Lull: a content-blocking DNS forwarder. The map of the house is in CONTRIBUTING.md."""

__version__ = "0.1.0"
