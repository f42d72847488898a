"""A class at once: the rules of a room, its store, the questions, the page for phones and the results."""
