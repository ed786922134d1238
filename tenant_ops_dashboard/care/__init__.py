"""What happens while nobody looks: rounds that read, write down and scale."""
