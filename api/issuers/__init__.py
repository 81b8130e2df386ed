"""Proofs from elsewhere: whose word is taken, with which keys, and how it is checked."""
