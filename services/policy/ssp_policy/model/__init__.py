"""The language model: loading, its weights by name, facts, and the memory that it needs."""
