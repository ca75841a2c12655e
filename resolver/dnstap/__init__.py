"""What is logged, told to other programs as dnstap (dnstap.info): messages in Frame Streams, by socket or as a file."""
