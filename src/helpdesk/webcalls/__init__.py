"""Calling out over HTTP, for plugins: to addresses that somebody else chose, checked, bounded, each target alone."""
