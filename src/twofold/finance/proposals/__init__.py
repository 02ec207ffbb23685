"""Invoice proposals: a header from operations, lines made here, all or none.

States: ``header_only`` until everything it bills is posted, then ``ready``, then ``posted``;
``nothing_to_bill`` when nothing on it is chargeable. Only dual-write adds a proposal; nobody
deletes one. Its number is the number of the proforma it came from.
"""
