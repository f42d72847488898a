"""Widgets, charts, tables and buttons that several pages use."""
