"""The blocks of the picture page."""
