"""Exercises as files for learning platforms, and for devices without a network, with replies to mistakes.

To add a format: a module with a function from ``Sheet`` to text or bytes, which takes every sentence from
``replies``; an entry of ``FORMATS`` in ``ui/learn/exports.py``; a test that reads ``thousand()`` exercises
back with a library and gives what it read to ``check_feedback``.
"""
