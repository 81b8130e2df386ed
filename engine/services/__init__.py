"""What Careway does when it is asked: each service is a plain function of a unit of work."""
