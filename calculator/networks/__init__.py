"""The built-in networks, each with its published total."""
