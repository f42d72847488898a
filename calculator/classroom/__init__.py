"""A class that answers together: rooms, their store, the phones' pages, and what the votes say."""
