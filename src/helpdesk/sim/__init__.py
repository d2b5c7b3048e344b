"""The simulator: real tickets of the past, judged by a draft edition, and what that would have changed."""
