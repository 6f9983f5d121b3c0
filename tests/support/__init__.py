"""Helpers that tests share: machine, servers, sites, pages in browsers, captions, faults."""
