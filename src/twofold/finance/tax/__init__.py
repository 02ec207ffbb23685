"""Sales tax: the codes that both groups of a line hold, at the rates of its tax date.

Who is taxed (project, contract or customer) gives a line its sales tax group, what is sold its
item sales tax group. ``line_tax`` is the one place that says which codes and rates follow.
"""
