"""Exercises of chapter 8."""

from .base import Exercise

EXERCISES: list[Exercise] = []
