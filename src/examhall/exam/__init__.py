"""Delivery: items, assessments, schedules and their frozen policy, registrations, attempts, answers, timers."""
