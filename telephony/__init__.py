"""The switch: the only room that speaks AMI, AGI and SIP; knows core and nothing above."""
