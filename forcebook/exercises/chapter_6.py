"""Exercises of chapter 6."""

from .base import Exercise

EXERCISES: list[Exercise] = []
