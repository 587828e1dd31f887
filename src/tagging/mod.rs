//! Which concepts do we see, and how sure are we? Heads to concepts, hierarchy, calibration, thresholds.
