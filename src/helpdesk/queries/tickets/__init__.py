"""Reading tickets, everything that belongs to one, the queue and the search."""
