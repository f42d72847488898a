"""What does my class think?"""

from calculator.classroom.room import read_code
from calculator.ui.classroom import lead, setup
from calculator.ui.session import state
from calculator.ui.shell.frame import frame

with frame("pages/class.py"):
    settings = state.current()
    if code := read_code(settings.room):
        lead.room(code)
    else:
        setup.setup(settings)
