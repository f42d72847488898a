"""Readers of JSON, zip archives and protobuf messages from untrusted files, with limits."""
