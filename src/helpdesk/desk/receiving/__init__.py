"""Receiving: from a message, a call or a held message to its line of the ledger and its ticket."""
