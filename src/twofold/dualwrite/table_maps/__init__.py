"""Table maps: their language, the SQL they become, their checks, versions and states."""
