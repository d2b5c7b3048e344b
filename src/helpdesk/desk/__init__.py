"""The desk: one handler is one short transaction, in which a command is decided and its effects committed."""
