"""The service's HTTP side: routes, request schemas, metrics."""
