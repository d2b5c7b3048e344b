"""A regulation's folder, read strictly: every mistake with its place."""
