"""The blocks of the Learn page: lesson, exercises and worksheet."""
