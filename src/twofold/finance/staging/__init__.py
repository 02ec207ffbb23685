"""What arrived from operations: staged actuals become journal lines and proposal lines.

A staged row is an operational fact and never changes here. Import gives each cost and unbilled
sale its accounting facts as an integration-journal line, or holds it with the reason; each
proposal header gets all of its lines, or none with the reasons.
"""
