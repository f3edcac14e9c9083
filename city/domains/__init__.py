"""One folder for each domain. Nothing else is edited to add one."""
