"""Worksheets and answer keys as HTML that prints, and as Markdown."""
