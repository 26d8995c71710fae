"""The only place that knows hosts, queues and paths."""
