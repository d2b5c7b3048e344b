"""What reads return, as the API shows it."""
