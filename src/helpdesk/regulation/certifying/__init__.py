"""Certificates: a deadline with everything that it follows from, sealed."""
