"""The blocks of the model page."""
