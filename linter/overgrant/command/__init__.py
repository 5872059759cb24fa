"""Door: one module per command; its `command` is a click command and its docstring the help text."""
