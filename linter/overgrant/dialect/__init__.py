"""Dialects: what each manifest format means, told as facts."""
