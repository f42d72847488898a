"""Tidy tables of what the core computes, and every file format of a table."""
