"""Serving HTTP within the service's own event loop: for the API, and for plugins with a door of their own."""
