"""The blocks of the Class page: what to ask, the open room on the wall, and the results."""
