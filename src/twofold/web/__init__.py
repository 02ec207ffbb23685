"""The pages: three workplaces over the two books, and the journey between them.

One module a page, one template a page. A page translates what was asked, calls one process or one
read, and renders; it holds no rule of the business. Whether it may be asked is `access`'s to say.
"""
