"""What moves where: one declarative file per table map, and the only place that names both books.

A file declares source and target, the sets its rows travel in, the maps it follows, and per
column where the value comes from. The words are those of ``twofold.dualwrite.table_maps.language``.
"""
