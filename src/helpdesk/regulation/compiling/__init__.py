"""From the vocabulary to what the core computes with: rules, programs of clocks, calendars, readings as changes."""
