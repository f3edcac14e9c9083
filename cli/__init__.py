"""The command line: one file for each command, each imported only when it is asked for."""
