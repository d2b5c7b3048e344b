"""The webhook notifier."""
