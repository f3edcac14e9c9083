"""What holds for every test."""

import signal

from hypothesis import settings

# A busy machine is no bug: nothing in the suite is judged by how long an example took.
settings.register_profile("cityops", deadline=None)
settings.load_profile("cityops")

# A shell that starts the tests in the background has them ignore Ctrl-C, and whatever they start would inherit it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
