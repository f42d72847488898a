"""How fast the page is, next to something else measured in the same run."""
