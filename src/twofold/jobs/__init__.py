"""Long work that people ask for: recorded, taken by one worker at a time, ended with a result.

The queue is a table beside the operations book. It knows what was asked, by whom and how far it
is; what a job does is the workers' to know.
"""
