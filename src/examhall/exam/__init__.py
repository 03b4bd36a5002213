"""Delivery: items, assessments, schedules with frozen policy, registrations, attempts, leases, answers and timers."""
