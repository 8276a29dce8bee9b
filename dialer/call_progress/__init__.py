"""Who or what answered: detectors behind ports.Screener."""
