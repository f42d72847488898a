"""Learning to count parameters by hand: a lesson, exercises, worksheets, and the diagnosis of mistakes."""
