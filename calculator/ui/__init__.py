"""What pages are made of: the frame, the inputs, the blocks that show results. The only home of streamlit."""
