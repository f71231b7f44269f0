"""Sheets whose values of one size meet again, as a U-Net's or a feature pyramid's: one row for each resolution."""
