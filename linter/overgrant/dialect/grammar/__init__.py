"""Grammars: small languages embedded in manifests (command lines, permission strings, expressions)."""
