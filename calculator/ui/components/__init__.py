"""Widgets, tables and texts that several pages use."""
