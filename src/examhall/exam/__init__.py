"""Delivery: items, assessments, schedules with their frozen policy, registrations, attempts, answers, timers."""
