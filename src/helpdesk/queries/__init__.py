"""Reads: functions from a session to views, each within the session's tenant, each page by keyset."""
