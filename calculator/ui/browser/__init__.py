"""Scripts for the browser: keys, a record kept in the tab, limits before a text or file is sent, addresses."""
