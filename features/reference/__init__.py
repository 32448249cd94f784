"""Reference tables with their sources: ports, countries, headings, ECCNs, exam methods."""
