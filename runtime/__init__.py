"""What every process needs around it: settings, log, place in a running city. Imports only `city`."""
