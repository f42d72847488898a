"""A class under `kill -9`: every acknowledged answer is counted exactly once."""
