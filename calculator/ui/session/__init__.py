"""The state of one visit: settings and link, widget keys, the browser's window."""
