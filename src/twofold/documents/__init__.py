"""Printed documents: values in, text out. Knows no book and reads nothing."""
