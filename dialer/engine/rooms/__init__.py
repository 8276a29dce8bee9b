"""What the floor is made of: each room owns its data and keeps its own indexes true."""
