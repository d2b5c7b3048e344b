"""A headless, plugin-based, multi-tenant technical-support service."""
