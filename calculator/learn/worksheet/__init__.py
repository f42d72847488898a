"""Worksheets and their answer keys, as HTML for printing and as Markdown."""
