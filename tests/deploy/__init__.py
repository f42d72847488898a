"""The app as `deploy/` serves it: replicas behind the real proxy, killed and restarted under visitors."""
