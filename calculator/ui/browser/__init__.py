"""Scripts for the browser: keys, a record kept in the tab, limits on a text or file before it is sent."""
