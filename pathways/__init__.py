"""Clinical content: YAML definitions, the shared vocabulary, and pure fact functions."""
