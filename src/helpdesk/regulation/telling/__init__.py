"""A regulation told: in plain words, and each key's meaning as documentation and schema."""
