"""Where everything is kept: one schema on two databases, reached through sessions bound to a principal."""
