"""What the shift leader does on the floor: hears calls, takes them over, orders agents; part of the seats."""
