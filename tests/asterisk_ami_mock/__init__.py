"""A fake Asterisk for tests: speaks AMI on a socket, calls FastAGI servers, plays recordings, misbehaves when told."""

from asterisk_ami_mock.misbehave import Misbehaviour
from asterisk_ami_mock.server import MockAsterisk

__all__ = ["Misbehaviour", "MockAsterisk"]
