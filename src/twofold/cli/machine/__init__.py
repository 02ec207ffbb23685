"""Commands of the machine: servers, people, health."""
