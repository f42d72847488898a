"""Tidy DataFrames of what the core computes, and their file formats."""
