"""The parts of the pages: state, components, frame and blocks. The only home of Streamlit."""
