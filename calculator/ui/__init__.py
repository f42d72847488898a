"""The parts of the pages: state, components, frame, and the blocks of each page. The only home of Streamlit."""
