"""What several tests need: a real Asterisk, phones, ears."""
