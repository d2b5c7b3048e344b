"""Builds the registry from entry points and folders, and runs plugins' code apart; a bad plugin costs only itself."""
