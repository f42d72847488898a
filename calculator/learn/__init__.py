"""Learning to count by hand: a lesson, exercises that know the mistake, worksheets."""
