"""From a received message to a command, with its ledger entry."""
