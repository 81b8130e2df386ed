"""The machinery: it knows no disease, no HTTP and no YAML."""
