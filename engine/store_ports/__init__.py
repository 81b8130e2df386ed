"""What services need of the store, part by part; a unit of work (`engine.ports`) holds them all."""
