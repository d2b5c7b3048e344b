"""Reading what is kept of everything that came, left and was done: ledger, feed, audit, deliveries, stock."""
