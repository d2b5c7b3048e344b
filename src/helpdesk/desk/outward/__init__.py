"""What leaves: what became of letters, subscriptions, and taking the company's events to their targets."""
