"""The blocks of the learn page."""
