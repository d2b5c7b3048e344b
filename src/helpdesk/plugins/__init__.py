"""Builds the registry of channels and regulations from entry points and folders; a bad plugin costs only itself."""
