"""Pages that are everybody's: journey, jobs, people, signing in."""
