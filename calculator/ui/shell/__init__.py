"""The frame around every page: menu, style, sharing."""
