"""The regulation as data, and its one evaluator: admission, levels, targets, terms, closing, explanation."""
