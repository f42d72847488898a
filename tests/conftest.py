"""What holds for every test."""

from hypothesis import settings

# A slow machine is no finding: examples have no deadline. The same examples come on every run.
settings.register_profile("project", deadline=None, derandomize=True)
settings.load_profile("project")
