"""Serving HTTP within the running event loop: the service's for the API, a plugin's for a door of its own."""
