"""Reading a company's clients and calls."""
