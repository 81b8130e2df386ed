"""What can be done with Careway: plain functions of a unit of work, run by a writer."""
