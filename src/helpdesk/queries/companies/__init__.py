"""Reading what a company promises: its regulation, editions, announcements, and what a request would get now."""
