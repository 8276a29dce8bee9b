"""The link to Asterisk: our shell over panoramisk, which closes its known defects."""
