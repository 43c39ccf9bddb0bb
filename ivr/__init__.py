"""What a caller hears before a person answers; knows nothing of tickets: it is given functions to ask."""
