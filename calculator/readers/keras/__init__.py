"""Keras models: configurations, printed summaries and .keras files."""
