"""Exercises as files for learning platforms, and for devices without a network, with replies to mistakes."""
