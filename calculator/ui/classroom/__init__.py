"""The blocks of the Class page: the choice of questions, the open room, and the results."""
