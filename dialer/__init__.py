"""The core of Cadencia: call model, engine, AMI, screening and stores."""
