"""Pure model of calls, agents, outcomes and telephony facts."""
