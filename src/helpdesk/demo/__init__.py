"""The demonstration: real input through the real doors of a service in a process of its own, and what came of it."""
