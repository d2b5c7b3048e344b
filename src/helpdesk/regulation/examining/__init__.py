"""What can be found out about a regulation itself: lint, coverage, scenarios, differences, effects, mutants."""
