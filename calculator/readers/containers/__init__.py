"""JSON, zip archives and protobuf messages, read with limits."""
