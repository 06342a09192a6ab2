"""Finds personal data, health data, secrets, prohibited terms and injection marks, offline (decision 0011)."""

from companion.adapters.detection.detector import SOURCES, WORK_LIMIT, Detecting, Detector, NullDetector

__all__ = ["SOURCES", "WORK_LIMIT", "Detecting", "Detector", "NullDetector"]
