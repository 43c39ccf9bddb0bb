"""Agents, their seats and states; knows telephony and core, nothing of menus, tickets or the web."""
