"""All that a plugin may import: messages, the ticket's log, events, protocols, hooks, manifest."""
