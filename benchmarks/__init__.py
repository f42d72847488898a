"""Benchmarks of the pages, each next to a reference that is measured in the same run."""
