"""Odd telephones: a SIP and RTP user agent for what an Asterisk in between would smooth over."""
