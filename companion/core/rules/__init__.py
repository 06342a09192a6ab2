"""The rules of `decide`, in the order a case lives; what several of them ask stands in people.py and clocks.py."""
