"""The tables, by what they are about. ``tenant_id`` leads every primary key, unique and foreign key."""
