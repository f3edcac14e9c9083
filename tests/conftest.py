"""What holds for every test."""

from hypothesis import settings

# A busy machine is no bug: nothing in the suite is judged by how long an example took.
settings.register_profile("cityops", deadline=None)
settings.load_profile("cityops")
