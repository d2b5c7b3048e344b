"""The texts the service sends: keys with their arguments, built-in wording, the tenants' own wording over it."""
