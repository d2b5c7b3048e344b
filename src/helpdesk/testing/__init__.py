"""Conformance kits for plugin authors. Nothing that ships imports this package."""
