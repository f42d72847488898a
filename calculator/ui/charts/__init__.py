"""Charts and the stamp on a page, drawn in the browser."""
