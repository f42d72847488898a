"""The mistakes that people make when they count, each with the number it gives."""
