"""Everything that touches the outside: command line now, HTTP and the scheduler later."""
