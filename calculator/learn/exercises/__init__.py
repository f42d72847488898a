"""Exercises that a seed determines, the answers that are accepted, and the score."""
