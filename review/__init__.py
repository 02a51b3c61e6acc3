"""Where people correct: store, queue, workflow and pages."""
