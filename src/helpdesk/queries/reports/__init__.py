"""Reports: promises kept, means, what waits, the ledger's balance; as data, tables and pictures."""
