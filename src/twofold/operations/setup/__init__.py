"""What must be known before work can be recorded: who sells what to whom, at which price.

*Setup* is roles, categories, and per company its organizational units, customers, resources,
contracts with their lines and milestones, projects with their tasks, and price lists. It is
read from a file (``file``) into records (``records``), and ``apply`` brings the book to what
the file says: a record is added or changed, never removed, and one that is as the file says
is left alone. Companies themselves are finance's and arrive by dual-write.

Always true: a unit keeps its company's currency; the work of a project is billed by one line
of a contract; the shares of a contract and of each line add up to 100 percent; milestones stand
on fixed-price lines with a project and add up to the contracted amount; a contract keeps its
currency.
"""
