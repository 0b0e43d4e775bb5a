"""Exercises of chapter 7."""

from .base import Exercise

EXERCISES: list[Exercise] = []
