"""What agents do with tickets beside the commands that the domain decides: each act one transaction."""
