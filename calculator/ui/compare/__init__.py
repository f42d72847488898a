"""The blocks of the compare page."""
