"""The blocks of the calculator page."""
