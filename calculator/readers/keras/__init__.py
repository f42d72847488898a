"""Keras models as text: configurations, code and printed summaries, and the rules of the standard layers."""
