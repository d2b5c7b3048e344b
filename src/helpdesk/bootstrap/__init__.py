"""The only place that knows concrete classes: builds the parts from the settings, starts and stops them in order."""
