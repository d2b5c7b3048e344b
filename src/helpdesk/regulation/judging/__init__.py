"""What a regulation says about a request: the snapshot, the one evaluator and its decisions, explained."""
