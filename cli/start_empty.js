// Run by start_order: what every program needs.
