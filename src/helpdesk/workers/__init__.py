"""The service's own workers: relay, deliveries, timekeeper, and the supervisor that keeps them running."""
