"""The company's clients and agents: keeping what is known of them."""
