"""Services that are asked, again and again, what somebody plays."""
