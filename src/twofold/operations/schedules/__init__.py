"""Invoice schedules: when contract lines are invoiced by themselves, and what came of it.

``generate`` writes the days, ``run`` says what is due and records what became of it; the drafts
themselves are made by ``proforma/create.py``. ``retry`` makes due again what failed.
"""
