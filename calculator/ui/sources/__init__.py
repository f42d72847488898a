"""The blocks of the sources page."""
