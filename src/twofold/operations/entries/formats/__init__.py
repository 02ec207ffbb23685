"""The files people really export, read into values: bytes in, rows and refusals out.

A *format* is one program's report (Toggl Track, Clockify, Harvest, or Twofold's own), known
by its header alone. Reading a file gives an *export*: one *export row* per good row, and one
refusal per problem found, all of them at once. Nothing here knows a database: whether a
person, client, project or task exists is decided by the process that records the entries.

Always true: a date is never guessed, a number is never repaired, a row is either read whole
or refused, and the same row has the same import key in every file it is exported to.
"""
