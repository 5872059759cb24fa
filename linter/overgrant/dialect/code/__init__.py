"""Dialects: code that registers tools: names, values that stand still, sinks, and what frameworks make of them."""
