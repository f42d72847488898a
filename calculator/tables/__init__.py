"""Tidy DataFrames of the results, and their file formats."""
