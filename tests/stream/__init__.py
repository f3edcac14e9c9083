"""The worker room: what it writes, tells and leans on, alone and as a process."""
