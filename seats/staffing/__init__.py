"""Staffing advice: past calls, forecast, Erlang, and seats for each half hour beside the planned and actual ones."""
