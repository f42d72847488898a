"""Exercises from a seed: questions, accepted answers, and the mistake behind a wrong one."""
