"""The layers between the network and the app: limits, headers, compression, health and the log."""
