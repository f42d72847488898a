"""Figures from tables, each with its text alternative."""
