"""The city in one look: what is known (`situation`), and the sentence that says it (`sentence`)."""
