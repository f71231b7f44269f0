"""What is read off a graph: state_dict, memory, costs by part, documented figures, what differs."""
