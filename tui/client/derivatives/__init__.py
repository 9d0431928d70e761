"""The Derivatives dialect of the seam: signed REST, the streaming feed, and the two translators."""
