"""What clients of the API send, one module for what each kind of route takes: strict types, bounds on everything."""
