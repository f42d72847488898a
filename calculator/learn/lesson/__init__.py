"""The lesson: seven steps, each with a prediction before its answer."""
