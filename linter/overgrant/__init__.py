"""Least privilege for AI agents: read what gives them power, judge it, say how to narrow it."""

__version__ = "0.1.0"
