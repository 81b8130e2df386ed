"""The commands, one module each: they read what was asked, call one function, and show what came out."""
