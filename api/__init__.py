"""The faces: what people and programs talk to. It wires the pathways to the engine and decides nothing."""
