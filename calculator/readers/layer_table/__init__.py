"""The table of layers that people type, and its form in the link."""
