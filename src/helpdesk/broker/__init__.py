"""NATS JetStream: embedded server, connection, streams, publishing. It carries and wakes; it owns no truth."""
