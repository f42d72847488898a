"""Reader of the table of layers that people type, and the form of the table in a link."""
