"""The only package that knows the driver.

Connections and roles, statements, COPY, migrations, invariants, the embedded server.
"""
